#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The steps of scripts/accept that no sandbox can do, against a double of dcm4chee's web and HL7 sides before a real DICOM server: they
# pass with right answers, and name cause and remedy with wrong ones. On a network of its own: the ports are the archive's.
# shellcheck disable=SC2034,SC2119,SC2317
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/dicom.bash
. "$here/lib/dicom.bash"
for program in Orthanc storescu findscu dcmj2pnm dcmodify curl python3; do
  command -v "$program" >/dev/null || skip "needs $program"
done
if [ "${1:-}" != inside ]; then
  unshare --net true 2>/dev/null || skip 'needs a network namespace'
  rm -rf "$T"
  exec unshare --net bash "$0" inside
fi
ip link set lo up

top=$DCM_SOURCE brought_up=no scratch=$T host=127.0.0.1 dicom_port=11112 http_port=8080 own_address=127.0.0.1 earlier=''
inside=(env "DCM4CHEE_HOME=$T/home")
mkdir -p "$T/home/server/default/"{.dcm,deploy,data}
touch "$T/home/server/default/deploy/weasis-pacs-connector.war"
echo 'product dcm4chee' >"$T/home/server/default/.dcm/marker"
# shellcheck source=scripts/lib/accept-steps.sh
. "$DCM_SOURCE/scripts/lib/accept-steps.sh"
web_login=admin:admin
# shellcheck source=scripts/lib/accept-web.sh
. "$DCM_SOURCE/scripts/lib/accept-web.sh"
# shellcheck source=scripts/lib/accept-life.sh
. "$DCM_SOURCE/scripts/lib/accept-life.sh"
set -o pipefail

mkdir "$T/index"
cat >"$T/orthanc.json" <<EOF_JSON
{"StorageDirectory": "$T/index", "IndexDirectory": "$T/index", "DicomAet": "DCM4CHEE", "DicomPort": 11112, "HttpPort": 8042,
 "AuthenticationEnabled": false, "DicomAlwaysAllowFind": true, "DicomAlwaysAllowStore": true}
EOF_JSON
Orthanc "$T/orthanc.json" >"$T/orthanc.log" 2>&1 &
orthanc=$!
: >"$T/mode"
dicom_make "$T/shown" SHOWN && dcmj2pnm -q +oj "$T/shown" "$T/shown.jpeg" || fail 'no JPEG to show'
python3 -B "$DCM_SOURCE/tests/maintenance/archive_double.py" 8080 2575 http://127.0.0.1:8042 "$T/shown.jpeg" "$T/mode" "$T/home" >"$T/double.log" 2>&1 &
double=$!
trap 'kill "$orthanc" "$double" 2>/dev/null; wait' EXIT
wait_for 30 dicom_echo 11112
wait_for 30 curl -s -o "$T/page" http://127.0.0.1:8080/

step() { # NAME [MODE]
  printf '%s\n' "${2:-}" >"$T/mode"
  run "step_$1"
}

passes() { # STEP...
  local each
  for each in "$@"; do
    begin "$each"
    step "$each"
    expect_status 0
  done
}

fails() { # STEP MODE REGEX
  begin "$1 with $2"
  step "$1" "$2"
  expect_status 1
  expect 'its last line says so' grep -qE -- "$3" <(tail -n 1 "$T/out")
}

passes echo store find accents wado weasis jpeg jpeg2000
fails wado wado-404 '^WADO answers HTTP 404; is it in server/default/deploy\? see server/default/log/server.log$'
fails wado wado-text '^WADO sends no whole DICOM object 2\.25\.[0-9]*\.2\.1\.1; '
fails wado wado-cut '^WADO sends no whole DICOM object '
fails jpeg wado-404 '^WADO answers HTTP 404; '
fails jpeg wado-text "^WADO sends no JPEG but '<html>java.lang.UnsatisfiedLinkError: clib_jiio</html>'; see "
fails jpeg wado-cut '^WADO sends a JPEG that is cut off after [0-9]+ bytes; see '
fails jpeg2000 wado-cut '^WADO sends a JPEG that is cut off after '
begin 'a packed manifest'
step weasis weasis-packed
expect_status 0
fails weasis weasis-404 '^the Weasis connector answers HTTP 404; '
fails weasis weasis-message "^the Weasis manifest does not have image .*: 'description=\"No study .* found\"'; does the connector ask AE title DCM4CHEE\?"
fails hl7 hl7-refuses "^HL7: no acknowledgement of the update but 'MSA\|AE\|[0-9]*\|Failed to update patient'; see "
fails hl7 hl7-mangles "^study .* of 'IBÁÑEZ\^INÉS': C-FIND answers '.+'; the update came by HL7 in ISO 8859-1"
passes hl7
begin 'after the update'
run expect_name "$uid.1" 'IBÁÑEZ^INÉS' x
expect_status 0
passes hardening
fails hardening open '^/invoker/JMXInvokerServlet answers HTTP 200 without a login; see docs/security.md$'
begin 'on a volume of the original image that is how it is'
echo 'origin adopted' >>"$T/home/server/default/.dcm/marker"
step hardening open
expect_status 77
step console head-open
expect_status 77
sed -i /origin/d "$T/home/server/default/.dcm/marker"

passes page console settings kept jsp
fails page open "^the page at / is JBoss's own; see docs/security.md"
fails page bare '^the page at / links to nothing'
fails page no-web '^the page at / names /dcm4chee-web3/, which answers HTTP 404; is it in server/default/deploy\?$'
fails console head-open '^/web-console/ answers HTTP 200 to --head without a login; see docs/security.md$'
fails settings jmx-500 '^/jmx-console/HtmlAdaptor answers HTTP 500 to admin: .*The type java.lang.CharSequence cannot be resolved'
fails settings jmx-forgets '^jmx-console does not change dcm4chee.archive:service=MD5CheckService BufferSize to 16384'
begin 'a setting that did not outlive the restart'
echo 1024 >"$T/setting"
step kept
expect_status 1
expect_out_like "^after the restart .* BufferSize is '[0-9]+', not 2048"
fails jsp jsp-500 "^a JSP of its own does not work: .*The type java.lang.CharSequence cannot be resolved"
web_login=admin:other
fails settings '' '/jmx-console/ answers HTTP 401 to admin; is --login right\?'
web_login=admin:admin

begin 'an image that is not taken'
storescu() { echo 'F: No Acceptable Presentation Contexts' && return 1; }
step jpeg2000
expect_status 1
expect_out_like 'no image in JPEG 2000 \(lossless\) is taken; is it among the accepted transfer syntaxes'
unset -f storescu

begin 'what an earlier step has stored is not taken for what this one stores'
printf '%s\n' 'I: Received Store Response (Success) earlier'{1..20} >"$T/sent"
meanwhile() { ! grep -q earlier "$T/sent"; }
# what the sender's command line expands to is a second late, and so is its output
store_late() {
  local ports=(11112)
  local -n dicom_port='ports[$(sleep 1)0]'
  store_under "$uid.15" meanwhile
}
run store_late
expect_status 0

begin 'nothing listens'
kill "$double"
wait "$double"
for each in wado weasis jpeg; do
  step "$each"
  expect_status 1
  expect_out_like ': no answer from the web server on 127\.0\.0\.1:8080; see server/default/log/server\.log'
done
step hl7
expect_status 1
expect_out_like '^nothing answers HL7 on port 2575: .*Connection refused.*; is dcm4chee-hl7 in server/default/deploy\?'
finish
