# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The chain over the sandbox server, in PID and mount namespaces of its own, as in a container: private /run, cron spool
# and crontab file, standard output a pipe. Source after harness.bash, mariadb.bash and dicom.bash. Then:
#   chain_prepare               DCM4CHEE_HOME in $T/home, a database and its login in the environment, free ports
#   chain_start [NAME=VALUE...] the entrypoint in the background; its output in $T/chain.log
#   chain_pid1                  the PID, as seen from here, of the namespace's PID 1
#   chain_exec COMMAND...       run it beside the chain, as docker exec does
#   chain_stop [SIGNAL]         signal it and wait; the exit status in $status
#   chain_says REGEX            succeeds when the output has it; chain_ready: when a C-ECHO answers

chain_prepare() {
  chain_home=$T/home
  chain_volume=$chain_home/server/default
  # shellcheck disable=SC2034
  chain_datasource=$chain_volume/deploy/pacs-mysql-ds.xml
  chain_crontab=$T/crontab_file
  printf '# no jobs\n' >"$chain_crontab"
  "$DCM_SOURCE/image/sandbox/assemble" "$chain_home" || return
  mariadb_start "$T/db" || return
  mariadb_create sandbox sandbox 'pass&<>"word'
  chain_dicom_port=$(free_port)
  chain_http_port=$(free_port)
  : >"$T/chain.log"
}

chain_start() {
  : >"$T/chain.log"
  [ -p "$T/chain.pipe" ] || mkfifo "$T/chain.pipe"
  cat <"$T/chain.pipe" >>"$T/chain.log" &
  chain_reader=$!
  {
    exec env PATH="$PATH" HOME=/root LANG=C.UTF-8 ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
      DCM4CHEE_HOME="$chain_home" _DCM_CRONTAB_FILE="$chain_crontab" DCM_HEALTH_PORT="$chain_dicom_port" \
      DCM_DICOM_PORT="$chain_dicom_port" DCM_HTTP_PORT="$chain_http_port" MYSQL_HOST=127.0.0.1 MYSQL_PORT="$MARIADB_PORT" \
      MYSQL_DATABASE=sandbox MYSQL_USER=sandbox MYSQL_PASSWORD='pass&<>"word' MYSQL_CONNECT_RETRY=1 "$@" \
      "$DCM_SOURCE/scripts/lib/contained" "$DCM_SOURCE/image/entrypoint.sh" </dev/null >"$T/chain.pipe" 2>&1
  } &
  chain_unshare=$!
}

chain_pid1() { pgrep -P "$chain_unshare"; }

# what docker exec is to a container
chain_exec() { nsenter -t "$(chain_pid1)" -m -p -- "$@"; }

chain_signal() {
  local pid1
  pid1=$(chain_pid1) && kill -"$1" "$pid1"
}

chain_wait() {
  wait "$chain_unshare"
  # read by the harness
  # shellcheck disable=SC2034
  status=$?
  wait "$chain_reader" # all that it said is in the log now
}

chain_stop() {
  chain_signal "${1:-TERM}"
  chain_wait
}

chain_says() { grep -Eq -- "$1" "$T/chain.log"; }
chain_ready() { dicom_echo "$chain_dicom_port"; }
chain_alive() { kill -0 "$chain_unshare" 2>/dev/null; }

chain_needs() {
  [ "$(id -u)" = 0 ] && "$DCM_SOURCE/scripts/lib/contained" true 2>/dev/null || skip 'needs root and namespaces'
  local command
  for command in mariadbd Orthanc echoscu crontab; do
    command -v "$command" >/dev/null || skip "needs $command"
  done
}

chain_cleanup() {
  [ -z "${chain_unshare:-}" ] || kill -KILL "$chain_unshare" 2>/dev/null
  mariadb_stop
}
