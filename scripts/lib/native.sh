# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# The native way of scripts/up and scripts/down: the chain over the sandbox server, in namespaces of its own, on a MariaDB
# of its own; everything it keeps is under $var. What runs is told by locks and sockets, not by PIDs, which go stale.
# Who may not make namespaces (no root, a container without that right) gets the chain without cron instead.
#   $var/db            MariaDB: data, socket, log            $var/home       DCM4CHEE_HOME, the volume in server/default
#   $var/archive.log   what `docker logs` would show         $var/password   of the database user
# Set before: $top (the checkout), $var, $http_port, $dicom_port. Used: port_taken, port_free (ports.sh).

native_bin=$top/build/release/bin

native_fail() { # status message
  echo "${0##*/}: $2" >&2
  exit "$1"
}

# The log writer holds the lock for as long as anything of the archive has its output open.
native_running() { [ -e "$var/running.lock" ] && ! flock -n "$var/running.lock" true; }

native_database_running() {
  [ -S "$var/db/socket" ] && mariadb --no-defaults --socket="$var/db/socket" --user=root -e 'DO 1' >/dev/null 2>&1
}

native_sql() { mariadb --no-defaults --socket="$var/db/socket" --user=root --batch --skip-column-names; }

native_check_ports() {
  for native_pair in "DCM_HTTP_PORT $http_port" "DCM_DICOM_PORT $dicom_port"; do
    if port_taken "${native_pair#* }"; then
      native_fail 69 "port ${native_pair#* } is taken; choose another: ${native_pair% *}=$(port_free) scripts/up --native"
    fi
  done
}

native_as_root() { [ "$(id -u)" -ne 0 ] || echo --user=root; }

native_start_database() {
  mkdir -p "$var/db/tmp"
  chmod 700 "$var/db"
  if [ ! -d "$var/db/data/mysql" ]; then
    rm -rf "$var/db/data" "$var/db/data.new"
    # in /tmp each start of a server removes the temporary tables of all others
    # shellcheck disable=SC2046
    TMPDIR="$var/db/tmp" mariadb-install-db --no-defaults $(native_as_root) --datadir="$var/db/data.new" --skip-test-db \
      --auth-root-authentication-method=normal >"$var/db/install.log" 2>&1 ||
      native_fail 74 "cannot create the database; see $var/db/install.log"
    mv "$var/db/data.new" "$var/db/data"
  fi
  database_port=$(port_free)
  # Without names, the anonymous user of localhost that Debian 13 makes does not stand before ours.
  # shellcheck disable=SC2046
  setsid mariadbd --no-defaults $(native_as_root) --datadir="$var/db/data" --socket="$var/db/socket" --port="$database_port" \
    --bind-address=127.0.0.1 --pid-file="$var/db/pid" --tmpdir="$var/db/tmp" --character-set-server=utf8mb4 --skip-name-resolve \
    </dev/null >>"$var/db/log" 2>&1 9>&- &
  native_database=$!
  until native_database_running; do
    kill -0 "$native_database" 2>/dev/null || native_fail 75 "the database did not come up; see $var/db/log"
    sleep 0.1
  done
  printf '%s\n' "$database_port" >"$var/db/port"
}

native_prepare() {
  mkdir -p "$var"
  chmod 700 "$var"
  if [ ! -s "$var/password" ]; then
    (umask 077 && od -An -v -tx1 -N 16 /dev/urandom | tr -d ' \n' >"$var/password.new" && mv "$var/password.new" "$var/password")
  fi
  if native_database_running; then
    database_port=$(cat "$var/db/port")
  else
    native_start_database
  fi
  native_sql <<EOF_SQL
CREATE DATABASE IF NOT EXISTS sandbox;
CREATE OR REPLACE USER sandbox@'%' IDENTIFIED BY '$(cat "$var/password")';
GRANT ALL PRIVILEGES ON sandbox.* TO sandbox@'%';
EOF_SQL
  PATH=$native_bin:$PATH "$top/image/sandbox/assemble" "$var/home"
}

# The chain in namespaces of its own: the machine's cron, crontabs and /run are never touched. Without them: no crontab is
# loaded, and cron, which is not in that PATH, does not start; what else is in sbin is Orthanc.
native_chain() {
  if "$top/scripts/lib/as-mount" "$top/scripts/lib/contained" true >/dev/null 2>&1; then
    native_around=$top/scripts/lib/as-mount
    native_path=$native_bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    set -- "$top/scripts/lib/contained" "$top/image/entrypoint.sh"
  else
    echo "no namespaces of its own here: going on without cron jobs"
    mkdir -p "$var/bin" "$var/run"
    ln -sf /usr/sbin/Orthanc "$var/bin/"
    native_around='env'
    native_path=$native_bin:$var/bin:/usr/bin:/bin
    set -- dcm-seed-volume -- dcm-configure-db -- dcm-wait-db --preflight --status-file "$var/run/db.json" -- dcm-start --run-dir "$var/run"
  fi
  native_launch "$@"
}

# Its output is a pipe, as in a container.
native_launch() { # command
  [ ! -e "$var/archive.log" ] || mv "$var/archive.log" "$var/archive.log.1"
  (
    # the lock of scripts/up must not outlive it
    exec 8>"$var/running.lock" 9>&-
    flock 8
    {
      exec 8>&-
      # shellcheck disable=SC2016
      exec setsid env -i PATH="$native_path" HOME="$var" LANG=C.UTF-8 \
        ${TZ:+TZ="$TZ"} DCM4CHEE_HOME="$var/home" _DCM_CRONTAB_FILE="$top/crontab_file" \
        DCM_HTTP_PORT="$http_port" DCM_DICOM_PORT="$dicom_port" DCM_HEALTH_PORT="$dicom_port" \
        MYSQL_HOST=127.0.0.1 MYSQL_PORT="$database_port" MYSQL_DATABASE=sandbox MYSQL_USER=sandbox \
        MYSQL_PASSWORD_FILE="$var/password" \
        "$native_around" sh -c 'echo $$ >"$1" && shift && exec "$@"' sh "$var/archive.pid" \
        "$@" </dev/null 2>&1
    } | setsid sh -c 'trap "" HUP INT TERM; exec cat' >>"$var/archive.log" 2>/dev/null
  ) </dev/null >/dev/null 2>&1 &
}

native_wait_ready() {
  native_tries=0
  until echoscu -q -aet UP -aec DCM4CHEE 127.0.0.1 "$dicom_port" >/dev/null 2>&1; do
    native_tries=$((native_tries + 1))
    if { [ "$native_tries" -gt 20 ] && ! native_running; } || [ "$native_tries" -gt 600 ]; then
      tail -n 20 "$var/archive.log" >&2
      native_stop_archive
      native_stop_database
      native_fail 75 "the archive did not come up; its last lines are above, all of them in $var/archive.log"
    fi
    sleep 0.2
  done
}

# PID 1 of the namespace gets the signal, as `docker stop` does it; without namespaces, dcm-start itself.
native_stop_archive() {
  native_running || return 0
  native_pid=$(cat "$var/archive.pid" 2>/dev/null || echo 0)
  if [ "$(cat "/proc/$native_pid/comm" 2>/dev/null)" = unshare ]; then
    pkill -TERM -P "$native_pid" 2>/dev/null || true
  else
    kill -TERM "$native_pid" 2>/dev/null || true
  fi
  native_tries=0
  while native_running; do
    native_tries=$((native_tries + 1))
    # --kill-child: the namespace ends with it; without namespaces, the name of its directory tells what is left
    [ "$native_tries" -lt 600 ] || kill -KILL "$native_pid" 2>/dev/null || pkill -KILL -f "$var/home/" 2>/dev/null || true
    sleep 0.1
  done
}

native_stop_database() {
  native_database_running || return 0
  mariadb-admin --no-defaults --socket="$var/db/socket" --user=root shutdown
  while [ -e "$var/db/pid" ]; do
    sleep 0.1
  done
}

native_say() {
  cat <<EOF_SAY
web page    http://127.0.0.1:$http_port/ (user admin, password admin)
DICOM       AE title DCM4CHEE, port $dicom_port
files       $var/home/server/default/archive
log         $var/archive.log, $var/home/server/default/log/server.log
This is the sandbox server, not dcm4chee: good to try things out, not for patients' images.

a first image:
  dcmsend -v -nuc -dn -aec DCM4CHEE 127.0.0.1 $dicom_port IMAGE.dcm
  findscu -aec DCM4CHEE -S -k QueryRetrieveLevel=STUDY -k PatientName -k StudyInstanceUID 127.0.0.1 $dicom_port
stop: scripts/down
EOF_SAY
}
