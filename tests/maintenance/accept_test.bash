#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/accept against a running sandbox: what the sandbox can do passes, the rest says why it does not apply, a fault is found.
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
command -v curl >/dev/null || skip 'needs curl'
trap chain_cleanup EXIT
accept=$DCM_SOURCE/scripts/accept

begin 'usage'
run "$accept" --help
expect_status 0
run "$accept" --nope
expect_status 64
run "$accept" --running 127.0.0.1:1
expect_status 64
run "$accept" --list
expect_out_like '^echo'$'\n''site'$'\n''store'

chain_prepare || exit 1
printf '%s' 'pass&<>"word' >"$T/password"
mkdir "$T/backup"
chain_start
wait_for 60 chain_ready
inside="nsenter -t $(chain_pid1) -m -p env DCM4CHEE_HOME=$chain_home _DCM_CRONTAB_FILE=$chain_crontab MYSQL_HOST=127.0.0.1 MYSQL_PORT=$MARIADB_PORT \
MYSQL_DATABASE=sandbox MYSQL_USER=sandbox MYSQL_PASSWORD_FILE=$T/password DCM_HEALTH_PORT=$chain_dicom_port"
# shellcheck disable=SC2086
ready_inside() { $inside dcm-start --ready; }
wait_for 30 ready_inside

begin 'what the sandbox can do passes'
run env _DCM_ACCEPT_BACKUP="$T/backup" "$accept" --running "127.0.0.1:$chain_dicom_port:$chain_http_port" --exec "$inside" --report "$T"
expect_status 0
for step in echo store find accents move verify restart backup check; do
  grep -qE "^passed +$step " "$T/out" || fail "$step: $(grep " $step " "$T/out")"
done
for step in site wado weasis jpeg lossless jpeg2000 hl7 page hardening console settings jsp title kept restore database nodes memory stop upgrade \
    adopted; do
  grep -qE "^skipped +$step .* ms  (the sandbox|the archive held no study|not on an archive)" "$T/out" || fail "$step: $(grep " $step " "$T/out")"
done
expect 'a report' grep -q '^product dcm4chee-sandbox' "$T"/accept-*.txt
expect 'its end' grep -qx '9 passed, 0 failed, 21 skipped' "$T"/accept-*.txt

begin 'an archive that does not answer fails'
chain_stop
run "$accept" --running "127.0.0.1:$chain_dicom_port:$chain_http_port" --exec "env DCM4CHEE_HOME=$chain_home" --report "$T/backup"
expect_status 69
expect_out_like 'FAILED +echo'
finish
