#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The commands of docs/leave.md as they stand there: every study of the sandbox goes to a second PACS, what does not is named.
# shellcheck disable=SC2119,SC2317
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$here/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$here/lib/dicom.bash"
# shellcheck source=tests/lib/chain.bash
. "$here/lib/chain.bash"
chain_needs
command -v movescu >/dev/null && command -v dcmodify >/dev/null && command -v curl >/dev/null || skip 'needs movescu and curl'
new_pacs=''
trap '[ -z "$new_pacs" ] || kill "$new_pacs"; chain_cleanup' EXIT
chain_prepare || exit 1
chain_start
new_port=$(free_port) new_http=$(free_port)
mkdir "$T/new"
cat >"$T/new.json" <<EOF_JSON
{"StorageDirectory": "$T/new", "IndexDirectory": "$T/new", "DicomAet": "NEWPACS", "DicomCheckCalledAet": true, "DicomPort": $new_port,
 "HttpPort": $new_http, "AuthenticationEnabled": false, "DicomAlwaysAllowFind": true}
EOF_JSON
Orthanc "$T/new.json" >"$T/new.log" 2>&1 &
new_pacs=$!

# The code block of the page that holds TEXT, for the ports of this test
block() { # TEXT
  awk -v text="$1" '/^ *```/ { if (code && index(block, text)) printf "%s", block; code = !code; block = ""; next } code { block = block $0 "\n" }' \
    "$DCM_SOURCE/docs/leave.md" | sed "s/pacs\.example 11112/127.0.0.1 $chain_dicom_port/; s/new\.example 104/127.0.0.1 $new_port/"
}

begin 'the list of studies'
mariadb_create pacsdb pacs pacs
mariadb_sql pacsdb <"$DCM_SOURCE/create-mysql.sql"
mariadb_sql pacsdb <<'EOF_SQL'
SET foreign_key_checks = 0, sql_mode = '';
INSERT INTO study (study_iuid, num_instances, study_datetime, num_series, study_status) VALUES
  ('1.2.2', 7, '2020-01-01', 1, 0), ('1.2.1', 3, '2010-01-01', 1, 0), ('1.2.3', 0, '2001-01-01', 1, 0);
EOF_SQL
run mariadb_sql pacsdb -e "$(block 'SELECT study_iuid' | tr '\n' ' ' | sed 's/.*-e "\(.*\)".*/\1/')"
expect_status 0
expect_out $'1.2.1\t3\n1.2.2\t7'

begin 'every study there, what is not named'
new_answers() { echoscu -q -aec NEWPACS 127.0.0.1 "$new_port"; }
wait_for 60 chain_ready
wait_for 60 new_answers
modality() { # PORT JSON NAME
  curl -sS --fail -u admin:admin -X PUT -d "$2" "http://127.0.0.1:$1/modalities/$3" || fail "$3 is not taken"
}
modality "$chain_http_port" "[\"NEWPACS\", \"127.0.0.1\", $new_port]" NEWPACS
modality "$chain_http_port" '["LEAVE", "127.0.0.1", 104]' LEAVE
modality "$new_http" "[\"DCM4CHEE\", \"127.0.0.1\", $chain_dicom_port]" DCM4CHEE
for each in 1 2 3; do
  dicom_make "$T/i$each" "LEAVE$each" "2.25.77$each"
done
dicom_make "$T/i4" LEAVE3 2.25.773 && dcmodify -q -nb -m SOPInstanceUID=2.25.773.1.2 "$T/i4"
dicom_store "$chain_dicom_port" "$T"/i[1-4] || fail 'C-STORE'
# 2.25.779 is in the list alone, as one whose files are off line
printf '%s\t%s\n' 2.25.771 1 2.25.772 1 2.25.773 2 2.25.779 1 >"$T/studies.tsv"
cd "$T" || exit 1
run bash -c "$(block 'movescu ')"
expect_status 0
expect_out '2.25.779: 1 here, 0 there'
expect 'it is noted' test "$(cat "$T/missing.txt")" = '2.25.779: 1 here, 0 there'
expect 'all images are there' test "$(curl -sS "http://127.0.0.1:$new_http/statistics" | grep -oE '"CountInstances" : [0-9]+')" = '"CountInstances" : 4'

begin 'again: only what is missing is sent'
printf '%s\t%s\n' 2.25.771 1 2.25.773 2 >"$T/studies.tsv"
run bash -c "movescu() { echo moved; }; $(block 'movescu ')"
expect_out ''
finish
