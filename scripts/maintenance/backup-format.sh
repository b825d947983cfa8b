# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a backup is, for those who make, read and count them. One directory, YYYY-MM-DDThhmmss, with
#   CONTENTS             name=value lines: what is in it, and what is not
#   database.sql.zst     the dump
#   configuration.tar.zst  server/default without DICOM files, logs and scratch; its .dcm, that is manifest and marker, included
#   crontab.zst          the crontab file, when there was one
#   SHA256SUMS           of all of them, taken from what was sent to the disk
# The three .zst end in .zst.age when they are encrypted. Under another name it is not complete.
# Source it after lib.sh:
#   backups_in DIR                  names of the complete ones, oldest first
#   backup_part DIR NAME            path of a part, encrypted or not; empty when there is none
#   backup_open DIR NAME            a part in clear; $identity is the age key file
#   backup_content DIR NAME         a line of CONTENTS
#   backup_damage DIR               what is wrong with it, all of it read; nothing when it is sound
#   backup_sealed DIR               whether it is encrypted
#   backup_readable DIR             whether it can be looked into: it is in clear, or there is an $identity
#   backup_key_fits DIR             no when it is encrypted for others than $identity

backups_in() {
    find "$1" -mindepth 1 -maxdepth 1 -type d -regextype posix-extended \
        -regex '.*/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}' -printf '%f\n' | sort
}

backup_part() {
    local file
    for file in "$1/$2.zst" "$1/$2.zst.age"; do
        [ ! -f "$file" ] || printf '%s\n' "$file"
    done
}

backup_open() {
    local file
    file=$(backup_part "$1" "$2")
    case $file in
        *.age) age --decrypt --identity "$identity" -- "$file" | zstd -dcq ;;
        *) zstd -dcq -- "$file" ;;
    esac
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

backup_damage() {
    local dir=$1 said tables file
    [ -s "$dir/SHA256SUMS" ] || { echo 'SHA256SUMS is missing'; return; }
    # read from the disk, not from memory
    for file in "$dir"/*; do
        dd if="$file" iflag=nocache count=0 status=none 2>/dev/null || :
    done
    said=$(cd "$dir" && sha256sum --check --strict --quiet SHA256SUMS 2>&1) || { echo "${said//$'\n'/; }"; return; }
    for file in CONTENTS database.sql configuration.tar; do
        grep -qE " $file(\.zst|\.zst\.age)?\$" "$dir/SHA256SUMS" || { echo "$file is missing"; return; }
    done
    backup_readable "$dir" || return 0
    said=$(backup_open "$dir" database.sql 2>&1 | grep -aE '^(CREATE TABLE |-- Dump completed)') || { echo "the dump cannot be read: ${said:-it holds no table}"; return; }
    tables=$(grep -c '^CREATE TABLE' <<<"$said" || :)
    [[ $(tail -n 1 <<<"$said") == '-- Dump completed'* ]] || { echo 'the dump does not reach its end'; return; }
    [ "$tables" -ge "$(backup_content "$dir" tables)" ] || { echo "the dump has $tables of $(backup_content "$dir" tables) tables"; return; }
    said=$(backup_open "$dir" configuration.tar 2>&1 | tar -tf - 2>&1 >/dev/null) || { echo "the configuration cannot be read: $said"; return; }
    [ -z "$(backup_part "$dir" crontab)" ] || backup_open "$dir" crontab >/dev/null 2>&1 || echo 'the crontab cannot be read'
}
