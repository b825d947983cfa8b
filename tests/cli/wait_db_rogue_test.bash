#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A database server in hostile hands: it gets no file of the client's, whatever it asks for.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/datasource.bash
. "$(dirname "$0")/../lib/datasource.bash"
command -v python3 >/dev/null || skip 'no python3'
echo 'content of a secret' >"$T/secret"
: >"$T/record"
python3 "$(dirname "$0")/rogue_database.py" "$T/secret" "$T/record" >"$T/port" 2>"$T/rogue" &
rogue=$!
trap 'kill "$rogue" 2>/dev/null' EXIT
wait_for 10 test -s "$T/port"
datasource 127.0.0.1 "$(cat "$T/port")" pacsdb pacs pacs

begin 'LOAD DATA LOCAL is refused, at the login and by every statement that follows'
tries() {
  run timeout 20 dcm-wait-db --once
  for option in --require-schema "--check-archive=$server/archive"; do
    run timeout 20 dcm-wait-db --once "$option"
    expect_status 69
    expect_err_like 'Load data local infile forbidden'
  done
  run timeout 20 env DCM_ADMIN_PASSWORD_FILE="$T/secret" dcm-wait-db --preflight --once --status-file "$T/db.json"
}
tries
expect 'it was asked for' grep -q asked "$T/record"
expect 'nothing was sent' test "$(grep -c 'content of a secret' "$T/record")" = 0
begin 'a client that agrees sends it: the server asks as it should'
if command -v mariadb >/dev/null; then
  timeout 20 mariadb --no-defaults --local-infile=1 --host=127.0.0.1 --port="$(cat "$T/port")" --user=x -e 'SELECT 1' >/dev/null 2>&1
  expect 'sent' grep -q 'content of a secret' "$T/record"
fi
finish
