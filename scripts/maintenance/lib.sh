# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the maintenance scripts share. A script sets `usage`, its help text, and sources this file:
#   die CODE TEXT          one line on stderr, and the end with an exit status of <sysexits.h>
#   result TEXT            the one line of result
#   warn TEXT              one line on stderr
#   help_asked ARGUMENT    the help, and the end, when the argument asks for it
#   read_number VAR NAME VALUE   a whole number, base 10, into VAR; ends the script (64) when NAME's VALUE is none
#   read_size VAR NAME VALUE     the same in bytes, 500M or 2G as well
#   numbers_only TEXT...   ends the script (65) when one is none: what a database, a backup or the server's user says, before it is reckoned with
#   db_settings            db_host db_port db_name db_user db_password db_encryption: the login of the archive, as
#                          dcm-configure-db knows it
#   db PROGRAM [ARG...]    run a client program of the database, logged in; the password is in no argument and no file
#   db_sql STATEMENTS      rows, separated by tabs, into db_rows; ends the script with the cause when the server refuses
#   db_rows_to FILE STATEMENTS   the same into a file
#   human BYTES            12K, 3.4G
#   interruptible CMD...   run it so that a signal to the script ends all of it at once
#   watched LABEL MEASURE CMD...   the same with a bar on a terminal, else a line every 10 s; MEASURE prints "DONE TOTAL"
#   free_bytes DIR         room for files of this user
#   make_directory VAR PREFIX   a directory PREFIX.XXXXXX of this run into VAR, otherwise as:
#   make_scratch           a directory of this run in $scratch; the caller's EXIT trap removes it, the next run what a killed one left
#   $volume                server/default
set -euo pipefail
export LC_ALL=C.UTF-8
tool=${0##*/}
# shellcheck disable=SC2034 # for the scripts
volume=${DCM4CHEE_HOME:-/opt/dcm4chee}/server/default
job='' watcher=''
# shellcheck disable=SC2034 # for the scripts
scratch=''
# progress is shown where the script's own errors go, wherever those of a step are collected
exec {terminal}>&2

die() {
    printf '%s: error: %s\n' "$tool" "${2//[[:cntrl:]]/ }" >&2
    exit "$1"
}

warn() {
    printf '%s: warning: %s\n' "$tool" "${1//[[:cntrl:]]/ }" >&2
}

result() {
    printf '%s: %s\n' "$tool" "$*"
}

usage_error() {
    die 64 "$1; try '$tool --help'"
}

# One reader of variables, secrets' files and datasource: the command that writes what JBoss logs in with. Its error is the script's.
db_settings() {
    local login=()
    mapfile -d '' -t login < <(dcm-configure-db --print-login --log-level error --log-format text || printf 'failed\0%d\0' $?)
    [ "${#login[@]}" = 6 ] || exit "${login[1]:-70}"
    db_host=${login[0]} db_port=${login[1]} db_name=${login[2]} db_user=${login[3]} db_password=${login[4]} db_encryption=${login[5]}
    [ "$db_encryption" != require ] || require_tls
}

# The last line that a command of ours said, without its name and level.
last_words() {
    { grep -v '^$' <<<"$1" || :; } | tail -n 1 | sed -E 's/^dcm-[a-z-]+: ((error|warning): )?//'
}

# The clients of MariaDB 10 go on in clear text when the server offers nothing else.
require_tls() {
    db_sql "SHOW SESSION STATUS LIKE 'Ssl_cipher'"
    [ -n "${db_rows#*$'\t'}" ] || die 69 "'$db_name' on $db_host:$db_port does not encrypt, and requireSSL in the URL of the datasource asks for it; switch TLS on there, or change MYSQL_JDBC_PARAMS"
}

db_option() { # NAME VALUE: a line of an option file
    local value=${2//\\/\\\\}
    value=${value//\"/\\\"}
    value=${value//$'\n'/\\n}
    printf '%s="%s"\n' "$1" "$value"
}

db_options() {
    echo '[client]'
    db_option user "$db_user"
    db_option password "$db_password"
    if [[ $db_host == /* ]]; then
        # what MYSQL_HOST says would count otherwise
        echo 'host=localhost'
        db_option socket "$db_host"
    else
        db_option host "$db_host"
        db_option port "$db_port"
        # TCP as the archive does, "localhost" too
        echo 'protocol=tcp'
    fi
    if [ "$db_encryption" = off ]; then
        echo 'skip-ssl'
    else
        # clients of MariaDB 11 would refuse a certificate that they do not know, which JBoss's driver takes
        printf 'ssl\nskip-ssl-verify-server-cert\n'
    fi
    # the dump program knows no connect_timeout
    # a server may ask for any file of this machine
    printf '[mysql]\nconnect_timeout=10\nloose-local-infile=0\n'
}

db() {
    local program=$1
    shift
    "$program" --defaults-file=<(db_options) --default-character-set=utf8mb4 "$@"
}

db_fail() { # TEXT: what the client said
    local where="'$db_name' on $db_host:$db_port as '$db_user'" said=${1##*ERROR }
    case $said in
        1045* | 1044* | 1142* | 1227* | 1370*) die 77 "access denied to $where; check MYSQL_USER, MYSQL_PASSWORD and the user's rights: $said" ;;
        1049*) die 69 "no database $where; create it, or correct MYSQL_DATABASE" ;;
        20[0-9][0-9]*) die 69 "cannot reach $where; check MYSQL_HOST, MYSQL_PORT and the server: $said" ;;
        *) die 69 "the database $where refused: ${1:-no reason given}" ;;
    esac
}

db_sql() {
    # shellcheck disable=SC2034 # for the caller
    db_rows=$(db mariadb --batch --skip-column-names --database="$db_name" <<<"$1" 2>&1) || db_fail "$db_rows"
}

db_rows_to() {
    db mariadb --batch --quick --skip-column-names --database="$db_name" <<<"$2" >"$1" 2>"$1.said" || db_fail "$(cat "$1.said")"
}

help_asked() {
    # shellcheck disable=SC2154 # set by the script
    case $1 in
        -h | --help)
            printf '%s\n' "$usage"
            exit 0
            ;;
    esac
}

# Without 10# a zero in front would make it octal.
read_number() {
    [[ $3 =~ ^[0-9]{1,15}$ ]] || usage_error "$2 takes a whole number, not '$3'"
    printf -v "$1" '%d' "$((10#$3))"
}

# In an arithmetic expression bash runs what it is told: a[$(cmd)].
numbers_only() {
    local each
    for each in "$@"; do
        [[ $each =~ ^[0-9]{1,18}$ ]] || die 65 "where a number is expected stands '${each:0:60}'; find out who answers in place of the database or of the server"
    done
}

read_size() {
    local shift=0
    case $3 in
        *K) shift=10 ;;
        *M) shift=20 ;;
        *G) shift=30 ;;
        *T) shift=40 ;;
    esac
    [[ $3 =~ ^([0-9]{1,6}[KMGT]|[0-9]{1,15})$ ]] || usage_error "$2 takes a size such as 500M or 2G, not '$3'"
    printf -v "$1" '%d' "$((10#${3%[KMGT]} << shift))"
}

human() {
    numfmt --to=iec "$1"
}

free_bytes() {
    df --output=avail -B1 -- "$1" | tail -n 1 | tr -d ' '
}

# Where the server cannot write: as root without capabilities it could in /tmp.
make_scratch() {
    local base=${TMPDIR:-/run/dcm}
    { [ -d "$base" ] || mkdir -m 755 "$base"; } 2>/dev/null && [ -w "$base" ] || base=/tmp
    make_directory scratch "$base/scratch"
}

# It is locked as long as this run or a process of it lives: what is not, a killed one left.
make_directory() { # VARIABLE PREFIX
    local left lock status
    for left in "$2".*; do
        [ ! -O "$left" ] || [ -L "$left" ] || flock -n "$left" rm -rf "$left" || :
    done
    while :; do
        printf -v "$1" '%s' "$(mktemp -d "$2.XXXXXX" 2>/dev/null)"
        [ -n "${!1}" ] || die 74 "no directory for what is needed meanwhile can be made in '${2%/*}'; make room there, or name another with TMPDIR"
        { exec {lock}<"${!1}"; } 2>/dev/null || continue
        status=0
        flock -n "$lock" 2>/dev/null || status=$?
        # 1: another run takes it for what was left; anything else: this file system has no locks for directories, NFS has none
        [ "$status" = 1 ] || [ ! -d "${!1}" ] || break
        exec {lock}<&-
    done
}

# bash serves a trap only between commands: what may take long is a process group of its own, waited for
interruptible() {
    job=''
    trap 'stop_job TERM 143' TERM
    trap 'stop_job INT 130' INT
    trap 'stop_job HUP 129' HUP
    set -m
    "$@" &
    job=$!
    set +m
    local status=0
    wait "$job" || status=$?
    job=''
    trap - TERM INT HUP
    return "$status"
}

stop_job() {
    end_watch
    # $! is set before `job` is
    job=${job:-${!:-}}
    if [ -n "$job" ]; then
        kill -"$1" -- "-$job" 2>/dev/null || :
        while kill -0 -- "-$job" 2>/dev/null; do
            wait "$job" 2>/dev/null || sleep 0.05
        done
    fi
    exit "$2"
}

watched() { # LABEL MEASURE CMD...
    local label=$1 measure=$2 status=0
    shift 2
    show_progress "$label" "$measure" &
    watcher=$!
    interruptible "$@" || status=$?
    end_watch
    return "$status"
}

end_watch() {
    [ -n "$watcher" ] || return 0
    { kill "$watcher" && wait "$watcher"; } 2>/dev/null || :
    watcher=''
    [ ! -t "$terminal" ] || printf '\r\033[K' >&"$terminal"
}

# A script that is killed outright takes its watcher not along: that one looks whether it is still there.
show_progress() { # LABEL MEASURE
    local every=1 never ticks=0 part whole bar
    [ ! -t "$terminal" ] || every=0.3
    trap 'exit 0' TERM
    exec {never}<> <(:)
    while [ -d "/proc/$$" ]; do
        read -r -t "$every" -u "$never" || :
        ticks=$((ticks + 1))
        [ "$every" != 1 ] || [ $((ticks % 10)) = 0 ] || continue
        read -r part whole < <("$2") || continue
        { [ "${whole:-0}" -gt 0 ] && [ "$part" -le "$whole" ]; } || continue
        if [ "$every" = 1 ]; then
            printf '%s: %s: %d %% after %d s\n' "$tool" "$1" $((part * 100 / whole)) "$ticks"
        else
            printf -v bar '%*s' $((part * 40 / whole)) ''
            printf '\r%s: %s [%-40s] %3d %%' "$tool" "$1" "${bar// /#}" $((part * 100 / whole))
        fi >&"$terminal"
    done
}
