# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the maintenance scripts share. A script sets `usage`, its help text, and sources this file:
#   die CODE TEXT          one line on stderr, and the end with an exit status of <sysexits.h>
#   result TEXT            the one line of result
#   read_setting VAR NAME DEFAULT   VAR from $NAME, or from the file $NAME_FILE names; both set: 78
#   db_settings            db_host db_port db_name db_user db_password from the MYSQL_* variables, else
#                          from the datasource, else the defaults; asks for TLS where MYSQL_TLS_MODE does
#   db PROGRAM [ARG...]    run a client program of the database, logged in; the password is in no argument and no file
#   help_asked ARGUMENT    the help, and the end, when the argument asks for it
#   db_sql STATEMENTS      rows, separated by tabs, into db_rows; ends the script with the cause when the server refuses
#   warn TEXT              one line on stderr
#   read_number VAR NAME VALUE   a whole number, base 10, into VAR; ends the script (64) when NAME's VALUE is none
#   read_size VAR NAME VALUE     the same in bytes, 500M or 2G as well
#   human BYTES            12K, 3.4G
#   interruptible CMD...   run it so that a signal to the script ends all of it at once
#   free_bytes DIR         room for files of this user
#   make_scratch           a directory of this run in $scratch; the caller's EXIT trap removes it, the next run what a killed one left
#   $volume                server/default
set -euo pipefail
export LC_ALL=C.UTF-8
tool=${0##*/}
# shellcheck disable=SC2034 # for the scripts
volume=${DCM4CHEE_HOME:-/opt/dcm4chee}/server/default
job=''

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

read_setting() {
    local -n target=$1
    local file_name=$2_FILE
    local file=${!file_name:-}
    if [ -n "$file" ] && [ -n "${!2:-}" ]; then
        die 78 "$2 and $2_FILE are both set; unset one of them"
    elif [ -n "$file" ]; then
        { [ -f "$file" ] && [ -r "$file" ]; } || die 78 "cannot read '$file', named by $2_FILE; check the secret's mount and mode"
        # command substitution alone would drop every newline at the end, not just the one an editor leaves
        target=$(cat "$file" && printf x) || die 74 "cannot read '$file'"
        target=${target%x}
        target=${target%$'\n'}
    else
        target=${!2:-$3}
    fi
}

db_settings() {
    local login=()
    # what the archive logs in with, for what the variables leave open
    mapfile -d '' -t login < <(dcm-configure-db --print-login 2>/dev/null)
    db_host=${MYSQL_HOST:-${login[0]:-localhost}} db_port=${MYSQL_PORT:-} db_name=${MYSQL_DATABASE:-${login[2]:-pacsdb}}
    [[ -n $db_port && $db_port != tcp://* ]] || db_port=${login[1]:-3306} # what a container link injects is no setting
    [[ $db_port =~ ^[0-9]{1,5}$ ]] || die 78 "MYSQL_PORT: '$db_port' is not a port number"
    read_setting db_user MYSQL_USER "${login[3]-pacs}"
    read_setting db_password MYSQL_PASSWORD "${login[4]-pacs}"
    case ${MYSQL_TLS_MODE:-preferred} in
        disabled | preferred) ;;
        required | verify-ca | verify-identity) require_tls ;;
        *) die 78 "MYSQL_TLS_MODE: '$MYSQL_TLS_MODE' is none of disabled, preferred, required, verify-ca, verify-identity" ;;
    esac
}

# The clients of MariaDB 10 go on in clear text when the server offers nothing else.
require_tls() {
    db_sql "SHOW SESSION STATUS LIKE 'Ssl_cipher'"
    [ -n "${db_rows#*$'\t'}" ] || die 69 "'$db_name' on $db_host:$db_port speaks no TLS, and MYSQL_TLS_MODE is $MYSQL_TLS_MODE; switch it on there, or set another mode"
}

db_option() { # NAME VALUE: a line of an option file
    local value=${2//\\/\\\\}
    value=${value//\"/\\\"}
    value=${value//$'\n'/\\n}
    printf '%s="%s"\n' "$1" "$value"
}

# shellcheck disable=SC2154 # db_user and db_password: set by read_setting
db_options() {
    echo '[client]'
    db_option host "$db_host"
    db_option port "$db_port"
    db_option user "$db_user"
    db_option password "$db_password"
    # TCP as the archive does, "localhost" too
    echo 'protocol=tcp'
    db_tls
    # the dump program knows no connect_timeout
    printf '[mysql]\nconnect_timeout=10\n'
}

# Clients of MariaDB 11 would refuse a server without a certificate they know, when nobody asked for one.
db_tls() {
    case ${MYSQL_TLS_MODE:-preferred} in
        disabled) printf 'skip-ssl\n' ;;
        preferred) printf 'skip-ssl-verify-server-cert\n' ;;
        required) printf 'ssl\nskip-ssl-verify-server-cert\n' ;;
        verify-ca | verify-identity)
            printf 'ssl\nssl-verify-server-cert\n'
            [ -z "${MYSQL_TLS_CA:-}" ] || db_option ssl-ca "$MYSQL_TLS_CA"
            ;;
    esac
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
    db_rows=$(db mariadb --batch --skip-column-names "$db_name" <<<"$1" 2>&1) || db_fail "$db_rows"
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

make_scratch() {
    local left pid
    for left in "${TMPDIR:-/tmp}/dcm-$tool".*; do
        pid=${left#"${TMPDIR:-/tmp}/dcm-$tool."} pid=${pid%%.*}
        [ ! -O "$left" ] || [ -d "/proc/$pid" ] || rm -rf "$left"
    done
    # shellcheck disable=SC2034 # for the scripts
    scratch=$(mktemp -d -t "dcm-$tool.$$.XXXXXX") || die 74 "no directory for what is needed meanwhile can be made in '${TMPDIR:-/tmp}'"
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
