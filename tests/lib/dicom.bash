# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Real DICOM with dcmtk. Source it, then:
#   dicom_make FILE PATIENT_NAME [STUDY_UID]   an 8x8 monochrome image with valid pixel data
#   dicom_echo PORT                            succeeds when a C-ECHO does
#   dicom_store PORT FILE...                   C-STORE
#   dicom_find PORT PATIENT_NAME               prints the StudyInstanceUIDs of that patient

dicom_make() {
  local study=${3:-2.25.$RANDOM$RANDOM$RANDOM}
  cat >"$1.dump" <<EOF_DUMP
(0002,0010) UI =LittleEndianExplicit
(0008,0016) UI =SecondaryCaptureImageStorage
(0008,0018) UI [$study.1.1]
(0008,0020) DA [20260101]
(0008,0030) TM [120000]
(0008,0050) SH [A1]
(0008,0060) CS [OT]
(0008,0064) CS [WSD]
(0008,0090) PN []
(0010,0010) PN [$2]
(0010,0020) LO [ID-$2]
(0010,0030) DA []
(0010,0040) CS []
(0020,000d) UI [$study]
(0020,000e) UI [$study.1]
(0020,0010) SH [1]
(0020,0011) IS [1]
(0020,0013) IS [1]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US 8
(0028,0011) US 8
(0028,0100) US 8
(0028,0101) US 8
(0028,0102) US 7
(0028,0103) US 0
(7fe0,0010) OB $(printf '%02x\\' $(seq 0 62))3f
EOF_DUMP
  dump2dcm -q "$1.dump" "$1"
}

dicom_echo() { echoscu -q -to 2 -aet TEST -aec DCM4CHEE 127.0.0.1 "$1"; }

dicom_store() {
  local port=$1
  shift
  storescu -q -aet TEST -aec DCM4CHEE 127.0.0.1 "$port" "$@"
}

dicom_find() {
  findscu -aet TEST -aec DCM4CHEE -S -k QueryRetrieveLevel=STUDY -k "PatientName=$2" -k StudyInstanceUID 127.0.0.1 "$1" 2>&1 |
    sed -n 's/^I: (0020,000d) UI \[\([0-9.]*\).*/\1/p;s/^W: (0020,000d) UI \[\([0-9.]*\).*/\1/p' | sort -u
}
