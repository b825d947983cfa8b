#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fill an empty /var/lib/mysql, then become mariadbd, with the arguments given; or run another command. As in the official image:
# MYSQL_DATABASE, MYSQL_USER, MYSQL_PASSWORD, MYSQL_ROOT_PASSWORD (each MARIADB_... or ..._FILE as well), MYSQL_RANDOM_ROOT_PASSWORD,
# /docker-entrypoint-initdb.d/*.sql, *.sql.gz, *.sh.
# Everything is made in .new beside its place and moved up when it is whole: what ends the first start leaves no half database.
# shellcheck disable=SC2086
set -eu
data=/var/lib/mysql
new=$data/.new
socket=/run/mysqld/fill.sock
# words, not a function: what runs in the background is then the server itself
as_mysql='setpriv --reuid=mysql --regid=mysql --init-groups'
server=

fail() { # status message
  echo "database: $2" >&2
  exit "$1"
}

ended() { # status
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  exit "$1"
}
trap 'ended 143' TERM
trap 'ended 130' INT

setting() { # name after MYSQL_
  value=
  for name in "MARIADB_$1" "MYSQL_$1"; do
    eval "plain=\${$name:-} file=\${${name}_FILE:-}"
    # set by the two lines above
    # shellcheck disable=SC2154
    if [ -n "$plain" ] && [ -n "$file" ]; then
      fail 78 "both $name and ${name}_FILE are set; keep one"
    fi
    if [ -n "$file" ]; then
      plain=$(cat "$file") || fail 66 "cannot read '$file', which ${name}_FILE names"
    fi
    value=${value:-$plain}
  done
}

sql() { mariadb --no-defaults --socket="$socket" --user=root --batch "$@"; }
text() { printf '%s' "$1" | sed "s/[\\\\']/&&/g"; }
identifier() { printf '%s' "$1" | tr -d '\140'; }
# \_ and \%: in a grant they are wildcards otherwise
pattern() { identifier "$1" | sed 's/[_%]/\\&/g'; }

start_filling() {
  $as_mysql mariadbd --datadir="$new" --socket="$socket" --skip-networking --pid-file="/run/mysqld/fill.pid" &
  server=$!
  until sql --execute 'DO 1' 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || fail 75 "the server that fills the new database ended; see above"
    sleep 0.1
  done
}

create_accounts() {
  setting ROOT_PASSWORD
  root_password=$value
  if [ -z "$root_password" ]; then
    root_password=$(od -An -v -tx1 -N 16 /dev/urandom | tr -d ' \n')
  fi
  setting DATABASE
  database=$value
  setting USER
  user=$value
  setting PASSWORD
  # heredocs, since echo may take a backslash for an escape
  {
    # in the container root needs no password, its Unix user is enough
    cat <<EOF_SQL
SET @password = PASSWORD('$(text "$root_password")');
EXECUTE IMMEDIATE CONCAT('ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING ', QUOTE(@password));
CREATE USER root@'%' IDENTIFIED BY '$(text "$root_password")';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
EOF_SQL
    [ -z "$database" ] || cat <<EOF_SQL
CREATE DATABASE \`$(identifier "$database")\`;
EOF_SQL
    [ -z "$user" ] || cat <<EOF_SQL
CREATE USER '$(text "$user")'@'%' IDENTIFIED BY '$(text "$value")';
EOF_SQL
    [ -z "$user" ] || [ -z "$database" ] || cat <<EOF_SQL
GRANT ALL ON \`$(pattern "$database")\`.* TO '$(text "$user")'@'%';
EOF_SQL
  } | sql || fail 65 "cannot create the database and its user; see above"
}

run_scripts() {
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sql) sql ${database:+"$database"} <"$script" ;;
      *.sql.gz) gzip -dc "$script" | sql ${database:+"$database"} ;;
      *.sh) sh "$script" ;;
      *) continue ;;
    esac || fail 65 "cannot run '$script' in the new database; see above, correct it and start again"
    echo "database: $script is loaded"
  done
}

fill() {
  rm -rf "$new"
  install -d -o mysql -g mysql -m 700 "$new"
  log=$($as_mysql mariadb-install-db --datadir="$new" --skip-test-db --auth-root-authentication-method=socket --auth-root-socket-user=root 2>&1) ||
    { printf '%s\n' "$log" >&2; fail 74 "cannot create the database; see above"; }
  start_filling
  create_accounts
  run_scripts
  kill "$server"
  wait "$server" || fail 74 "the server that filled the new database did not stop cleanly; see above"
  server=
  sync "$new"
  $as_mysql touch "$new/whole"
}

# The system tables last: they are what tells a database that is there.
move_up() {
  find "$new" -mindepth 1 -maxdepth 1 ! -name whole ! -name mysql -exec mv -t "$data" {} +
  mv "$new/mysql" "$data/mysql"
  rm -r "$new"
}

prepare() {
  if [ -e "$data/mysql.ibd" ]; then
    fail 78 "'$data' is a data directory of MySQL, which MariaDB cannot open; dump it with the old server and load the dump into an empty volume (docs/compose.md)"
  fi
  [ "$(stat -c %U "$data")" = mysql ] || find "$data" ! -user mysql -exec chown mysql:mysql {} +
  if [ -d "$data/mysql" ]; then
    rm -rf "$new"
    return
  fi
  if [ ! -e "$new/whole" ]; then
    other=$(find "$data" -mindepth 1 -maxdepth 1 ! -name .new ! -name lost+found | head -n 1)
    [ -z "$other" ] || fail 78 "'$data' is neither empty nor a database: it has '${other##*/}'; mount the right volume"
    fill
  fi
  move_up
}

case ${1:-} in
  mariadbd | mysqld) shift ;;
  '' | -*) ;;
  *) exec "$@" ;;
esac
prepare
trap - TERM INT
exec $as_mysql mariadbd "$@"
