#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What scripts/up takes from .env for the sandbox: the value as compose reads it.
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"

value_of() { # LINE-OF-.env ENVIRONMENT...
  printf 'DCM_HTTP_PORT=first\n%s\r\n' "$1" >"$T/.env"
  shift
  # shellcheck disable=SC2016
  run env top="$T" "$@" sh -c '. "$0" && docker_from_dotenv DCM_HTTP_PORT && printf "%s\n" "${DCM_HTTP_PORT:-}"' "$DCM_SOURCE/scripts/lib/docker.sh"
}

begin 'quotes, comments, blanks'
while IFS='|' read -r text expected; do
  value_of "DCM_HTTP_PORT=$text"
  expect_status 0
  expect "'$text' is '$(cat "$T/out")', not '$expected'" test "$(cat "$T/out")" = "$expected"
done <<'E'
8081|8081
8081 # web|8081
8081	# web  |8081
8081  |8081
"8081" # web|8081
'a # b' # c|a # b
"a # b"|a # b
a#b|a#b
# none|
""|
E

begin 'the environment wins; another name is not taken'
value_of DCM_HTTP_PORT=8081 DCM_HTTP_PORT=9000
expect_out 9000
value_of MY_DCM_HTTP_PORT=8081
expect_out first

begin 'what docker-compose.yml no longer reads is named'
printf '# DCM_BASE=x\nDCM_ARCHIVE=/data\nDCM_ARCHIVE_AT=/unused\nDCM_ARCHIVE_AT=/unused\n' >"$T/.env"
# shellcheck disable=SC2016
run env top="$T" sh -c '. "$0" && docker_say_dropped' "$DCM_SOURCE/scripts/lib/docker.sh"
expect_err 'up: warning: docker-compose.yml no longer reads DCM_ARCHIVE_AT from .env; write what you need into docker-compose.override.yml (docs/compose.md)'
finish
