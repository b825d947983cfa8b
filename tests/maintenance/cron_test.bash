#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The maintenance scripts from a real cron beside a running archive: no environment but what the container has, results in its log.
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
chain_prepare || exit 1
mkdir "$T/backup"
scripts=$DCM_SOURCE/scripts/maintenance
cat >"$chain_crontab" <<E_CRONTAB
* * * * * $scripts/backup --to $T/backup
* * * * * $scripts/prune-logs --age 14
* * * * * $scripts/verify-archive --files 100
* * * * * $scripts/disk-usage
* * * * * $scripts/check
* * * * * $scripts/restart-archive --limit 20
E_CRONTAB
chain_start
wait_for 60 chain_ready
dicom_make "$T/one.dcm" 'DOE^JANE' 2.25.1
run dicom_store "$chain_dicom_port" "$T/one.dcm"
expect_status 0

begin 'each says its one line, within a minute, in the log of the container'
wait_for 90 chain_says "backup: database 'sandbox' .* verified"
wait_for 30 chain_says 'prune-logs: removed [0-9]+ logs'
wait_for 30 chain_says 'verify-archive: [0-9]+ files read, 0 lost, 0 damaged'
wait_for 30 chain_says 'check: errors: [0-9]+, warnings: [0-9]+'
wait_for 60 chain_says 'restart-archive: restarted and ready again'
# the sandbox's tables have no dates
wait_for 30 chain_says 'disk-usage: error: .* holds no archive'

begin 'a failed one is named with its status'
wait_for 30 chain_says "job '.*disk-usage.*' .*failed: .*69"
expect 'no password' test "$(grep -cF 'pass&<>"word' "$T/chain.log")" = 0
expect 'it answers' chain_ready
chain_stop
finish
