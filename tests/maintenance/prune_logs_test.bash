#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# prune-logs: age, size, the newest of each kind, files in use, and a log that is written and rotated meanwhile.
# shellcheck disable=SC2119,SC2317
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
tool=$DCM_SOURCE/scripts/maintenance/prune-logs
log=$T/log
fresh() {
  rm -rf "$log"
  mkdir -p "$log"
}
make() { # NAME DAYS [KIB]
  head -c "$((${3:-1} * 1024))" /dev/zero >"$log/$1"
  touch -d "$2 days ago" "$log/$1"
}
left() { (cd "$log" && find . -type f -printf '%P\n' | sort | paste -sd' '); }

begin 'usage'
run env -i PATH="$PATH" "$tool" --help
expect_status 0
run "$tool" --size much
expect_status 64
run "$tool" "$T/none"
expect_status 66
run env DCM4CHEE_HOME="$T" "$tool"
expect_status 66

begin 'age: the old go, the newest of each kind stays whatever its age'
fresh
make server.log 0
make server.log.1 20
make server.log.2 30
make access.2026-01-01.log 300
make access.2026-01-02.log 299
make boot.log 400
make 'with blank.log.3' 400
make 'with blank.log.4' 399
run "$tool" --dry-run "$log"
expect_status 0
expect_out "would remove $log/with blank.log.3
would remove $log/access.2026-01-01.log
would remove $log/server.log.2
would remove $log/server.log.1
prune-logs: would remove 4 logs (4.0K), 4.0K stay"
run "$tool" "$log"
expect_status 0
expect_err ''
expect_out 'prune-logs: removed 4 logs (4.0K), 4.0K stay'
expect 'left' test "$(left)" = 'access.2026-01-02.log boot.log server.log with blank.log.4'
run "$tool" "$log"
expect_out 'prune-logs: removed 0 logs (0), 4.0K stay'

begin 'size: the oldest first, as many as it takes'
fresh
for n in 1 2 3 4 5; do
  make "server.log.$n" "$n" 100
done
make server.log 0 100
run "$tool" --size 350K "$log"
expect_status 0
expect 'left' test "$(left)" = 'server.log server.log.1 server.log.2'

begin 'what must stay is larger than the limit: said, by status'
run "$tool" --size 50K --keep 3 "$log"
expect_status 75
expect_err_like 'the logs that stay are larger than 50K'
expect 'left' test "$(left)" = 'server.log server.log.1 server.log.2'

begin 'a file that somebody has open stays'
fresh
make server.log 0
make server.log.1 90
make server.log.2 90
sleep 60 7<"$log/server.log.1" &
holder=$!
opened() { [ -e "/proc/$holder/fd/7" ] && [ "$(readlink "/proc/$holder/exe")" != "$(readlink "/proc/$$/exe")" ]; }
wait_for 5 opened
run "$tool" "$log"
expect_status 0
expect 'left' test "$(left)" = 'server.log server.log.1'
kill "$holder"
wait "$holder" 2>/dev/null
run "$tool" "$log"
expect 'left' test "$(left)" = server.log

begin 'names of every kind, directories below, links are not followed'
fresh
mkdir "$log/old" "$T/outside"
make 'old/a b.log.1' 90
make $'old/new\nline.log.1' 90
make $'old/new\nline.log.2' 91
: >"$T/outside/kept.log.1"
touch -d '90 days ago' "$T/outside/kept.log.1"
ln -s "$T/outside" "$log/link"
run "$tool" --keep 0 "$log"
expect_status 0
expect 'left' test "$(left)" = ''
expect 'outside' test -e "$T/outside/kept.log.1"

begin 'a log that is written and rotated meanwhile loses no line of its newest files'
fresh
writer() {
  local n=0 i
  exec 5>>"$log/server.log"
  until [ -e "$T/enough" ]; do
    n=$((n + 1))
    printf '%08d of a line that says something\n' "$n" >&5
    if [ $((n % 400)) = 0 ]; then
      for i in 3 2 1; do
        [ ! -e "$log/server.log.$i" ] || mv "$log/server.log.$i" "$log/server.log.$((i + 1))"
      done
      mv "$log/server.log" "$log/server.log.1"
      exec 5>>"$log/server.log"
    fi
  done
}
writer &
pid=$!
for _ in $(seq 8); do
  "$tool" --size 1K --keep 2 "$log" >/dev/null 2>"$T/err"
done
touch "$T/enough"
wait "$pid"
run "$tool" --size 1K --keep 2 "$log"
cat "$log/server.log.1" "$log/server.log" | cut -c1-8 | awk 'NR > 1 && $1 != last + 1 {exit 1} {last = $1}'
expect 'the lines are complete' test "${PIPESTATUS[2]}" = 0
expect 'the rest is gone' test "$(left)" = 'server.log server.log.1'
finish
