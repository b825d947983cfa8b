#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the documentation promises stands in the sources: log lines, metrics, scripts, jobs of the crontab.
# shellcheck disable=SC2001,SC2013,SC2016
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
cd "$DCM_SOURCE" || exit 1

begin 'every log line that may be watched for'
lines=0
while IFS= read -r line; do
  lines=$((lines + 1))
  # the parts between what varies
  while IFS= read -r part; do
    [ -z "$part" ] || grep -rqF -e "$part" lib tools scripts/maintenance || fail "no source says '$part', of '$line'"
  done < <(sed 's/…/\n/g' <<<"$line" | sed "s/^' *//; s/ *'\$//; s/^ *//; s/ *\$//")
done < <(sed -n '/<!-- lines -->/,/<!-- \/lines -->/s/^| `\([^`]*\)`.*/\1/p' docs/alerts.md)
expect 'a list' test "$lines" -gt 10

begin 'every metric'
for metric in $(grep -oE 'dcm_archive_[a-z_]+' docs/alerts.md | sort -u); do
  grep -rqF "\"${metric#dcm_archive_}\"" lib/dcm/archive || fail "no source writes $metric"
done

begin 'every script of the crontab and of the documentation is there, and its options'
while read -r script; do
  [ -x "scripts/maintenance/$script" ] || fail "no script $script"
done < <(grep -rhoE '/opt/dcm/maintenance/[a-z-]+' crontab_file docs | sed 's|.*/||' | sort -u)
while read -r script arguments; do
  for option in $(grep -oE -- '--[a-z-]+' <<<"$arguments"); do
    "scripts/maintenance/$script" --help | grep -qF -e "$option" || fail "$script has no $option"
  done
done < <(grep -rhoE '/opt/dcm/maintenance/[a-z-]+ [^`|]*' crontab_file docs | sed 's|.*/opt/dcm/maintenance/||')

begin 'every option of the commands'
for command in dcm-seed-volume dcm-configure-db dcm-wait-db dcm-cron-load dcm-start; do
  page=docs/$command.md
  [ "$command" != dcm-start ] || page=docs/start-stop.md
  for option in $("$command" --help | grep -oE '^  --[a-z-]+' | grep -vE -- '--(help|version|log-level|log-format)$'); do
    grep -qE -- "$option([^a-z-]|\$)" "$page" || fail "$page has no $option"
  done
done

begin 'the crontab has no job, and those that are commented out do not collide'
expect 'no job' test "$(grep -cE '^[^#]' crontab_file)" = 0
sed -n 's/^# \([0-9*].*\)/\1/p' crontab_file >"$T/jobs"
expect 'jobs' test "$(wc -l <"$T/jobs")" -ge 5
expect 'times' test "$(awk '{print $1, $2}' "$T/jobs" | sort | uniq -d)" = ''
if command -v crontab >/dev/null; then
  expect 'cron understands them' crontab -n "$T/jobs"
fi

begin 'every maintenance script has the same manners'
for script in scripts/maintenance/*; do
  [ -x "$script" ] || continue
  [ "$(wc -l <"$script")" -lt 100 ] || fail "$script is longer than 100 lines"
  for option in --help --dry-run 'Exit status' Example; do
    "$script" --help | grep -qF -e "$option" || fail "$script --help does not tell $option"
  done
done
finish
