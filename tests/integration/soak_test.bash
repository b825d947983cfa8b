#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Three hundred of the kills of scripts/dev/soak, of every kind.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/../cli/harness.bash"
for tool in mariadbd zstd dcmdump; do
  command -v "$tool" >/dev/null || skip "needs $tool"
done
[ "$(id -u)" != 0 ] || unshare -m true 2>/dev/null || skip 'needs mount namespaces'
begin 'nothing lost, nothing half'
run "$DCM_SOURCE/scripts/dev/soak" 300 "$DCM_BUILD"
expect_status 0
expect_out_like $'^300 kills in [0-9]+ s'
printf '%s\n' "$(cat "$T/out")"
for kind in fill upgrade rollback configure backup restore; do
  expect "$kind" grep -qE "^$kind +[1-9][0-9]* +[0-9]+ +[0-9]+ +0\$" "$T/out"
done
if [ "$(id -u)" = 0 ] && ! grep -q 'no power cuts' "$T/out"; then
  expect 'power cuts' test "$(awk 'NR > 2 {sum += $3} END {print sum}' "$T/out")" -ge 15
fi
finish
