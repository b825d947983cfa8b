#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# restart-archive over the sandbox: waits for the associations to end, or for its limit; the archive answers again.
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
trap chain_cleanup EXIT
tool=$DCM_SOURCE/scripts/maintenance/restart-archive

begin 'usage'
run env -i PATH="$PATH" "$tool" --help
expect_status 0
run "$tool" --limit soon
expect_status 64

chain_prepare || exit 1
chain_start
wait_for 60 chain_ready
inside() {
  nsenter -t "$(chain_pid1)" -m -p env DCM_HEALTH_PORT="$chain_dicom_port" "$@"
}
ready_inside() { inside dcm-start --ready; }
wait_for 30 ready_inside
server() { inside pgrep -f bin/sandbox-server; }
first=$(server)

begin 'a dry run restarts nothing'
run inside "$tool" --dry-run
expect_status 0
expect_out_like "^restart-archive: [0-9]+ associations are open on port $chain_dicom_port; would wait up to 1800 s for none"
expect 'the same server' test "$(server)" = "$first"

begin 'while an association is open it waits'
exec 6<>"/dev/tcp/127.0.0.1/$chain_dicom_port"
inside "$tool" >"$T/restart" 2>&1 &
restart=$!
run inside "$tool" --limit 1 --or-not
expect_status 75
expect_err_like '^restart-archive: error: [0-9]+ associations are still open after [0-9]+ s, nothing was restarted$'
expect 'the same server' test "$(server)" = "$first"
exec 6>&-
wait "$restart"
status=$?
expect_status 0
expect 'says so' grep -qE '^restart-archive: restarted and ready again, after waiting [0-9]+ s' "$T/restart"
expect 'another server' test "$(server)" != "$first"
expect 'it answers' chain_ready
expect 'the reason is in the log' chain_says 'nightly'

begin 'after the limit it restarts all the same'
second=$(server)
exec 6<>"/dev/tcp/127.0.0.1/$chain_dicom_port"
inside "$tool" --limit 1 >"$T/restart" 2>&1 &
restart=$!
wait_for 30 grep -qE 'warning: [0-9]+ associations are still open after [0-9]+ s, restarting all the same' "$T/restart"
exec 6>&-
wait "$restart"
status=$?
expect_status 0
expect 'another server' test "$(server)" != "$second"

chain_stop
begin 'no archive: the status of dcm-start'
run "$DCM_SOURCE/scripts/lib/contained" "$tool" --limit 0
expect_status 69
expect_out ''
finish
