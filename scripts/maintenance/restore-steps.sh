# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# The steps of `restore`. While it works, the volume has a directory restore-unfinished and no deploy: with that, no start gets
# past the datasource. The marker comes back last. What stood there before is in restore-unfinished/previous.
unfinished_directory=$volume/restore-unfinished

# What stays where it is: not in a backup, and often a mount.
kept() {
    case $1 in
        archive | log | tmp | work | wadocache* | tar-extracted* | lost+found | restore-unfinished) return 0 ;;
    esac
    return 1
}

names_in() { # DIR: what is to be moved, deploy apart from the others
    local path
    for path in "$1"/* "$1"/.[!.]*; do
        [ -e "$path" ] || [ -L "$path" ] || continue
        kept "${path##*/}" || printf '%s\n' "${path##*/}"
    done
}

# Sets volume_state, db_state (fresh or used) and unfinished (yes or no); ends the script when something is in the way.
check_target() {
    local mount
    { [ -d "$volume" ] && [ -w "$volume" ]; } || die 77 "cannot write in '$volume'; DCM4CHEE_HOME names the root of the server"
    while read -r mount; do
        mount=${mount#"$volume"/}
        kept "${mount%%/*}" || die 78 "'$volume/$mount' is a mount of its own and in the way; restore without it"
    done < <(awk -v under="$volume/" 'index($5, under) == 1 {print $5}' /proc/self/mountinfo)
    unfinished=no volume_state=fresh
    if [ -d "$unfinished_directory" ]; then
        unfinished=yes
    elif [ -n "$(names_in "$volume")" ] && ! grep -qx 'origin copied' "$volume/.dcm/marker" 2>/dev/null; then
        volume_state=used
    fi
    db_sql "SELECT (SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()),
        (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE())"
    read -r connections existing <<<"$db_rows"
    [ "$connections" = 0 ] || die 75 "$connections connections to '$db_name' on $db_host:$db_port are open; stop the archive first"
    db_state=fresh
    if [ "$existing" != 0 ]; then
        stored_schema
        db_rows=1
        [ -z "$schema" ] || db_sql "$(count_studies_sql)"
        [ "$db_rows" = 0 ] || db_state=used
    fi
    if [ "$unfinished" = no ] && [ "$force" = no ]; then
        [ "$db_state" = fresh ] || die 73 "'$db_name' on $db_host:$db_port is in use, nothing was changed; restore into an empty database, or --force"
        [ "$volume_state" = fresh ] || die 73 "'$volume' is in use, nothing was changed; restore onto an empty volume, or --force"
    fi
}

# As encrypted as the backup that is restored: nothing of it comes to lie beside that in clear.
back_up_present() {
    if [ -z "$recipient" ] && backup_sealed "$backup"; then
        recipient=$(age-keygen -y "$identity" 2>/dev/null | head -n 1) || :
        [ -n "$recipient" ] || die 78 "what is there now would be backed up in clear; name the public key of '$identity' with --recipient"
    fi
    "$here/backup" --to "$(dirname "$backup")" --keep 0 ${recipient:+--recipient "$recipient"}
}

move() { # NAME FROM TO: what an earlier attempt put there gives way
    if [ -e "$3/$1" ]; then
        rm -rf "${2:?}/$1"
    else
        mv -T "$2/$1" "$3/$1"
    fi
}

set_aside() {
    local name previous=$unfinished_directory/previous
    mkdir -p "$previous" && printf 'restore of %s, begun %s: run it again\n' "$backup" "$(date -Iseconds)" >"$unfinished_directory/README" || return
    [ ! -e "$volume/deploy" ] || move deploy "$volume" "$previous" || return
    names_in "$volume" | while IFS= read -r name; do
        move "$name" "$volume" "$previous" || return
    done || return
    sync -f "$volume"
}

# shellcheck disable=SC2016 # backquotes of SQL
# In place of all that is there: a table that the backup does not know would be a stranger to it.
load_database() {
    local drop
    db_sql "SELECT CONCAT('DROP ', IF(table_type = 'VIEW', 'VIEW', 'TABLE'), ' IF EXISTS \`', table_name, '\`;')
        FROM information_schema.tables WHERE table_schema = DATABASE()"
    drop=$db_rows
    db_sql "SET foreign_key_checks = 0; $drop"
    # a trigger belongs to whoever loads it: for another's the server asks for rights that the archive's user does not have
    backup_open "$backup" database.sql | sed -E '/^(\/\*!50003 CREATE\*\/|CREATE DEFINER)/s/DEFINER=`[^`]*`@`[^`]*`//' |
        db mariadb --max-allowed-packet=1G "$db_name"
}

place_configuration() {
    local tree=$unfinished_directory/tree name
    rm -rf "$tree" && mkdir "$tree" &&
        backup_open "$backup" configuration.tar | tar -C "$tree" --extract --numeric-owner --preserve-permissions -f - &&
        sync -f "$volume" || return
    chown --reference="$tree" "$volume" 2>/dev/null || :
    chmod --reference="$tree" "$volume" || return
    names_in "$tree" | { grep -vxE '\.dcm|deploy' || :; } | while IFS= read -r name; do
        mv -T "$tree/$name" "$volume/$name" || return
    done || return
    for name in deploy .dcm; do
        [ ! -e "$tree/$name" ] || { sync -f "$volume" && mv -T "$tree/$name" "$volume/$name"; } || return
    done
    keep_previous && rm -rf "$unfinished_directory" && sync -f "$volume"
}

# A volume that nobody used yet is the image's own copy.
keep_previous() {
    local previous=$unfinished_directory/previous
    if [ -z "$(names_in "$previous")" ] || grep -qx 'origin copied' "$previous/.dcm/marker" 2>/dev/null; then
        return 0
    fi
    mkdir -p "$volume/.dcm" && mv -T "$previous" "$volume/.dcm/before-restore.$(date +%Y-%m-%dT%H%M%S)"
}

# The DICOM files are not in the backup: those that came after it are there, and the database does not know them.
newer_images() {
    local name=${backup##*/} count
    count=$(find "$volume/archive" -type f -newermt "${name:0:10} ${name:11:2}:${name:13:2}:${name:15:2}" 2>/dev/null | wc -l)
    [ "$count" = 0 ] || warn "$count files in '$volume/archive' are newer than this backup: the database knows none that came after it; once they are an hour old, verify-archive --files 0 names them as orphaned: send those in again"
}

place_crontab() {
    local crontab=${_DCM_CRONTAB_FILE:-/crontab_file}
    [ -n "$(backup_part "$backup" crontab)" ] || return 0
    if ! backup_open "$backup" crontab | cmp -s - "$crontab"; then
        mkdir -p "$volume/.dcm"
        (umask 077 && backup_open "$backup" crontab >"$volume/.dcm/crontab_file")
        warn "the crontab of the backup is not '$crontab', so its jobs do not run, nightly backups among them; it is in '$volume/.dcm/crontab_file': put it in the place of that file on the host, then restart the container"
    fi
}
