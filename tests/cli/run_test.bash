#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What cli::run gives to every command, tried on one that does nothing.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
tool=dcm-nothing

begin 'success is silent'
run $tool
expect_status 0
expect_out ''
expect_err ''

begin '--help and --version'
run $tool --help
expect_status 0
expect_err ''
expect_out_like '^Usage: dcm-nothing'
run $tool --version
expect_status 0
expect_out_like '^dcm-nothing [0-9]+\.[0-9]+\.[0-9]+$'

begin 'usage errors: one line, 64, nothing on stdout'
run $tool --nope
expect_status 64
expect_out ''
expect_err "dcm-nothing: error: unknown option '--nope'; try 'dcm-nothing --help'"
run $tool --wai 3
expect_status 64
run $tool --count -5
expect_status 64
expect_err "dcm-nothing: error: option '--count': '-5' is not a whole number from 1 to 9; try 'dcm-nothing --help'"
run env DCM_NOTHING_WAIT=soon $tool
expect_status 0
expect_err "dcm-nothing: warning: DCM_NOTHING_WAIT: 'soon' is not a duration such as 30, 500ms, 2m or 1h, ignoring; using 2m"
run env DCM_NOTHING_MODE=soon $tool
expect_status 78
expect_err "dcm-nothing: error: DCM_NOTHING_MODE: 'soon' is not a size such as 500M or 2G"

begin 'errors map to their exit status, a bug to 70'
run $tool --fail 75
expect_status 75
expect_err 'dcm-nothing: error: failed as asked'
run $tool --bug
expect_status 70
expect_err 'dcm-nothing: error: unexpected: a bug; this is a bug, please report it'

begin 'log level, format, and control characters'
run $tool --say $'two\nlines' --log-level error
expect_err ''
run $tool --say $'two\nlines'
expect_err 'dcm-nothing: warning: two\nlines'
run $tool --say $'two\nlines\x1b' --log-format json
expect 'a JSON line' jq -e '.level == "warning" and .tool == "dcm-nothing" and (.msg | startswith("two\nlines"))' "$T/err"
run env DCM_LOG_FORMAT=json DCM_LOG_LEVEL=loud $tool --nope
expect_status 64
expect 'a usage error is a JSON line, too' jq -e '.level == "error"' "$T/err"
run env DCM_LOG_LEVEL=loud $tool --say x --log-format json
expect 'whatever is said is JSON' jq -es 'length == 2' "$T/err"
run env DCM_LOG_LEVEL=loud $tool --say x
expect_status 0
expect_err_like 'warning: DCM_LOG_LEVEL: .loud. is not .*, ignoring'
run $tool --log-level loud
expect_status 64

begin 'exec: same PID, nothing left behind, status passed on'
# shellcheck disable=SC2016
run sh -c 'echo $$; exec dcm-nothing -- sh -c "echo \$\$"'
expect 'one PID' test "$(sort -u "$T/out" | wc -l)" = 1
run $tool -- sh -c 'exit 7'
expect_status 7
# shellcheck disable=SC2016
# A descriptor of this script's own is inherited too: what matters is that the command adds none.
run ls /proc/self/fd
cp "$T/out" "$T/without"
run $tool -- ls /proc/self/fd
expect 'no descriptor more than without the tool' cmp "$T/without" "$T/out"
run $tool -- $tool --fail 66 -- true
expect_status 66
run $tool --fail 66 -- echo never
expect_status 66
expect_out ''
run $tool -- dcm-no-such
expect_status 127
expect_err "dcm-nothing: error: cannot run 'dcm-no-such': no such command; check the command after '--'"
run $tool -- /dev/null
expect_status 126

begin 'signals are unblocked for a foreign command'
run $tool -- grep SigBlk /proc/self/status
expect_out_like 'SigBlk:[[:space:]]0000000000000000'

finish
