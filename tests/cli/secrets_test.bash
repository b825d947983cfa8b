#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A secret is read once, by one rule: whatever its file holds, every command that reads it comes to the same verdict.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$(dirname "$0")/../lib/mariadb.bash"
# shellcheck source=tests/lib/datasource.bash
. "$(dirname "$0")/../lib/datasource.bash"
command -v mariadbd >/dev/null || skip 'no mariadb-server'
trap mariadb_stop EXIT
mariadb_start "$T/db" || exit 1
mariadb_create pacsdb pacs pacs
mariadb_sql pacsdb <"$DCM_SOURCE/create-mysql.sql"
export MYSQL_HOST=127.0.0.1 MYSQL_PORT=$MARIADB_PORT
secret=$T/secret
hash_of() { printf %s "$1" | openssl dgst -sha1 -binary | base64; }

# The verdict of each reader on the file: the password, or the exit status.
printed() { # ARGUMENT...
  if "$@" >"$T/login" 2>"$T/err"; then
    tr '\0' '\n' <"$T/login" | sed -n 5p
  else
    echo $?
  fi
}
written() {
  datasource "$MYSQL_HOST" "$MYSQL_PORT" pacsdb pacs before
  MYSQL_PASSWORD_FILE=$secret dcm-configure-db 2>"$T/err" || { echo $?; return; }
  env -u MYSQL_HOST -u MYSQL_PORT dcm-configure-db --print-login >"$T/login"
  tr '\0' '\n' <"$T/login" | sed -n 5p
}
tried() { # PASSWORD: that of the account
  mariadb_create pacsdb pacs "$1"
  MYSQL_PASSWORD_FILE=$secret dcm-wait-db --from-env --once 2>"$T/err" && echo "$1" || echo $?
}
set_for_the_web() {
  mariadb_sql pacsdb <<<"UPDATE users SET passwd = '$(hash_of admin)' WHERE user_id = 'admin'; UPDATE users SET passwd = 'own' WHERE user_id = 'user'"
  datasource "$MYSQL_HOST" "$MYSQL_PORT" pacsdb pacs pacs
  mariadb_create pacsdb pacs pacs
  DCM_ADMIN_PASSWORD_FILE=$secret dcm-wait-db --preflight --once --status-file "$T/db.json" 2>"$T/err" || fail "the start is stopped: $(cat "$T/err")"
  mariadb_sql pacsdb <<<"SELECT passwd FROM users WHERE user_id = 'admin'"
}

everywhere() { # VERDICT CONTENT (of printf)
  # shellcheck disable=SC2059
  printf "$2" >"$secret"
  title="secret '$2'" cases=$((cases + 1))
  local web
  expect 'written' test "$(written)" = "$1"
  expect 'printed' test "$(MYSQL_PASSWORD_FILE=$secret printed dcm-configure-db --print-login)" = "$1"
  expect 'by the option' test "$(printed dcm-configure-db --print-login --password-file "$secret")" = "$1"
  expect 'tried' test "$(tried "$1")" = "$1"
  web=$(set_for_the_web)
  case $1 in
    '' | 66 | 78) expect 'the web user' test "$web" = "$(hash_of admin)" ;;
    *) expect 'the web user' test "$web" = "$(hash_of "$1")" ;;
  esac
}
everywhere pw 'pw'
everywhere pw 'pw\n'
everywhere pw 'pw\r\n'
everywhere pw '\xef\xbb\xbfpw\r\n'
everywhere 'p w' 'p w\n'
everywhere 'p%s&<"w' 'p%%s&<"w\n'
everywhere contraseña 'contraseña\n'
everywhere '' ''
everywhere '' '\n'
everywhere 78 'pw\n\n'
everywhere 78 'pw\nsecond line\n'
everywhere 78 ' pw\n'
everywhere 78 'pw \n'
everywhere 78 'p  w'
everywhere 78 'p\tw'
everywhere 78 'p\0w'
everywhere 78 'contrase\xf1a\n'
everywhere 78 '\xff\xfep\0w\0'
everywhere 78 '\xfe\xff\0p\0w'

begin 'a file that is not there, or is none'
rm "$secret"
for kind in none directory fifo; do
  expect "$kind" test "$(MYSQL_PASSWORD_FILE=$secret printed timeout 10 dcm-configure-db --print-login)" = 66
  expect "$kind" test "$(MYSQL_PASSWORD_FILE=$secret printed timeout 10 dcm-wait-db --from-env --once)" = 66
  [ "$kind" != none ] || mkdir "$secret"
  [ "$kind" != directory ] || { rmdir "$secret" && mkfifo "$secret"; }
done
begin 'the same in a variable'
for value in ' pw' 'pw ' $'pw\r' $'p\tw' $'contrase\xf1a'; do
  expect "$value" test "$(MYSQL_PASSWORD=$value printed dcm-configure-db --print-login)" = 78
  expect "$value" test "$(MYSQL_PASSWORD=$value printed dcm-wait-db --from-env --once)" = 78
done
finish
