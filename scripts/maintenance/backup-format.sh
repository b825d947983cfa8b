# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# What a backup is, for those who make, read and count them. Each archive has a directory of its own among the backups, named
# DATABASE@SERVER, and in it .archive, which says whose it is. A backup is a directory in that, NNNNNN-YYYY-MM-DDThhmmss, counted
# up whatever the clock says, with
#   CONTENTS             name=value lines: what is in it, and what is not
#   database.sql.zst     the tables
#   objects.sql.zst      routines, views, triggers, events: what the archive itself does not need
#   configuration.tar.zst  server/default without DICOM files, logs and scratch; marker and manifest of its .dcm included
#   crontab.zst          the crontab file, when there was one
#   SHA256SUMS           of all of them, taken from what was sent to the disk
# The .zst end in .zst.age when they are encrypted. Under another name it is not complete. An earlier version made directories
# YYYY-MM-DDThhmmss without objects.sql.zst, all archives side by side: they can be restored, and count as the oldest.
# Source it after lib.sh:
#   backups_in DIR                  names of the complete ones, oldest first
#   archive_directory TO ID         the directory below TO of the archive with that identity: its own, else one that is free
#   backup_part DIR NAME            path of a part, encrypted or not; empty when there is none
#   backup_open DIR NAME            a part in clear; $identity is the age key file
#   measure_part                    for watched: how much of the part that is open has been read
#   without_definer                 a dump without whose rights its views, triggers, routines and events have
#   load_dump FILTER                the dump of $backup into $db_name; what its objects cannot be made is warned of
#   backup_content DIR NAME         lines of CONTENTS
#   backup_damage DIR               what is wrong with it, all of it read; nothing when it is sound
#   backup_sealed DIR               whether it is encrypted
#   backup_readable DIR             whether it can be looked into: it is in clear, or there is an $identity
#   backup_key_fits DIR             no when it is encrypted for others than $identity

backups_in() {
    find "$1" -mindepth 1 -maxdepth 1 -type d -regextype posix-extended \
        -regex '.*/([0-9]{6}-)?[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}' -printf '%f\n' | awk '{print length($0), $0}' | sort | cut -d' ' -f2
}

# Two archives whose databases have one name on servers of one name, "database" say, never meet.
archive_directory() {
    local name number=1 path owner
    name=$db_name@$db_host
    [ "$db_port" = 3306 ] || name+=_$db_port
    name=${name//[^A-Za-z0-9.@_-]/_}
    path=$1/$name
    while owner=$(head -c 64 "$path/.archive" 2>/dev/null) && [ -n "$owner" ] && [ "$owner" != "$2" ]; do
        number=$((number + 1))
        path=$1/$name.$number
    done
    printf '%s\n' "$path"
}

backup_part() {
    local file
    for file in "$1/$2.zst" "$1/$2.zst.age"; do
        [ ! -f "$file" ] || printf '%s\n' "$file"
    done
}

backup_open() {
    local file part
    file=$(backup_part "$1" "$2")
    exec {part}<"$file"
    [ -z "${scratch:-}" ] || echo "$BASHPID $part $(stat -c %s "$file")" >"$scratch/part"
    case $file in
        *.age) age --decrypt --identity "$identity" <&"$part" | zstd -dcq ;;
        *) zstd -dcq <&"$part" ;;
    esac
}

measure_part() {
    local pid part size
    read -r pid part size <"$scratch/part" && echo "$(sed -n 's/^pos:[[:space:]]*//p' "/proc/$pid/fdinfo/$part") $size"
} 2>/dev/null

# They get the rights of the one that loads them: for another's the server asks for rights that the archive's login does not have.
without_definer() {
    # shellcheck disable=SC2016 # backquotes of SQL
    LC_ALL=C sed -E '/^(\/\*!50[0-9]{3} |CREATE )/s/DEFINER=`([^`]|``)*`@`([^`]|``)*`//'
}

# The first line keeps the client from doing anything with files or programs, whatever a dump says.
load_dump() { # FILTER, for the objects
    local failed filter=cat
    # those of an earlier version have triggers among the tables
    [ -n "$(backup_part "$backup" objects.sql)" ] || filter=without_definer
    { echo '/*M!999999\- enable the sandbox mode */' && backup_open "$backup" database.sql; } | "$filter" |
        db mariadb --max-allowed-packet=1G --database="$db_name" 2>"$scratch/errors" || return
    [ "$filter" = cat ] || return 0
    { echo '/*M!999999\- enable the sandbox mode */' && backup_open "$backup" objects.sql; } | without_definer | "$1" |
        db mariadb --force --database="$db_name" 2>"$scratch/objects" || :
    while IFS= read -r failed; do
        warn "the archive does not need it, but it could not be made: ${failed#*: }"
    done < <(grep '^ERROR ' "$scratch/objects" | sort -u)
}

backup_content() {
    sed -n "s/^$2=//p" "$1/CONTENTS"
}

backup_sealed() {
    [ -n "$(find "$1" -name '*.age' -print -quit)" ]
}

backup_readable() {
    [ -n "${identity:-}" ] || ! backup_sealed "$1"
}

# Only the beginning is read, and what is wrong with that is no matter of the key.
backup_key_fits() {
    local file
    file=$(backup_part "$1" configuration.tar)
    [[ -n ${identity:-} && $file == *.age ]] || return 0
    ! { age --decrypt --identity "$identity" -- "$file" 2>&1 >/dev/null || :; } | grep -qE 'identity|passphrase|reading "'
}

# The sums are taken while it is looked into, which is what else keeps a processor busy.
backup_damage() {
    local dir=$1 said file inside sums
    [ -s "$dir/SHA256SUMS" ] || { echo 'SHA256SUMS is missing'; return; }
    # read from the disk, not from memory
    for file in "$dir"/*; do
        dd if="$file" iflag=nocache count=0 status=none 2>/dev/null || :
    done
    exec {sums}< <(cd "$dir" && sha256sum --check --strict --quiet SHA256SUMS 2>&1 && echo 'all fit')
    # what ends early says nothing, and is not taken for sound
    inside=$(damage_inside "$dir") || inside='it cannot be looked into'
    said=$(cat <&"$sums") || :
    exec {sums}<&-
    [ "$said" = 'all fit' ] || inside=${said:-'the sums cannot be taken'}
    [ -z "$inside" ] || echo "${inside//$'\n'/; }"
}

damage_inside() {
    local dir=$1 file
    for file in CONTENTS database.sql $([ -z "$(backup_content "$dir" views)" ] || echo objects.sql) configuration.tar; do
        grep -qE " $file(\.zst|\.zst\.age)?\$" "$dir/SHA256SUMS" || { echo "$file is missing"; return; }
    done
    backup_readable "$dir" || return 0
    dump_damage "$dir" && objects_damage "$dir" && configuration_damage "$dir" || return 0
    [ -z "$(backup_part "$dir" crontab)" ] || backup_open "$dir" crontab >/dev/null 2>&1 || echo 'the crontab cannot be read'
}

# These three say what is wrong, and fail then.
dump_damage() {
    local said tables
    said=$(backup_open "$1" database.sql 2>&1 | LC_ALL=C grep -aE '^(CREATE TABLE |-- Dump completed)') || { echo "the dump cannot be read: ${said:-it holds no table}"; return 1; }
    tables=$(grep -c '^CREATE TABLE' <<<"$said" || :)
    [[ $(tail -n 1 <<<"$said") == '-- Dump completed'* ]] || { echo 'the dump does not reach its end'; return 1; }
    are_all "$tables" "$1" tables
}

are_all() { # COUNT DIR KIND
    local wanted
    wanted=$(backup_content "$2" "$3")
    [[ $wanted =~ ^[0-9]{1,18}$ ]] || { echo "CONTENTS does not say how many $3 there are"; return 1; }
    [ "$1" -ge "$wanted" ] || { echo "the dump has $1 of $wanted $3"; return 1; }
}

objects_damage() {
    local said kind pattern count
    [ -n "$(backup_part "$1" objects.sql)" ] || return 0
    said=$(backup_open "$1" objects.sql 2>&1 | LC_ALL=C grep -aE '^(/\*!50001 VIEW |/\*!50003 CREATE\*/ |/\*!50106 CREATE\*/ |CREATE )' || :)
    while read -r kind pattern; do
        count=$(grep -cE "$pattern" <<<"$said" || :)
        are_all "$count" "$1" "$kind" || return
    done <<'E_KINDS'
views ^/\*!50001 VIEW
triggers TRIGGER
events EVENT
routines ^CREATE .*(PROCEDURE|FUNCTION|PACKAGE)
E_KINDS
}

configuration_damage() {
    local said name
    said=$(backup_open "$1" configuration.tar 2>&1 | tar -tf - 2>&1) || { echo "the configuration cannot be read: $(tail -n 1 <<<"$said")"; return 1; }
    for name in deploy/pacs-mysql-ds.xml conf/. lib/. $([ -z "$(backup_content "$1" version)" ] || echo .dcm/marker); do
        grep -qE "^\./$name" <<<"$said" || { echo "the configuration lacks ${name%/.}"; return 1; }
    done
}
