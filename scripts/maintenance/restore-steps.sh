# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# The steps of `restore`. What is under way is written down in $volume/.dcm/restore, lines of name and value: backup, its sums,
# database, begun, kept (where what stood on the volume is) and phase, a word:
#   database        everything in the database is replaced by the dump
#   aside           what stands on the volume is moved to kept
#   configuration   the tree of the backup is put in its place
#   done            it is over; the next one is asked for by --force
# Each can be done again, from any point at which the one before ended. Until it is done no start gets past dcm-seed-volume. In
# the database, a table dcm_restore_unfinished says that what is in there is only part of a dump, which nobody has used since.
unfinished_mark=dcm_restore_unfinished

# Sets backup to a complete one and about to what is said of it; ends the script when it is damaged.
read_backup() {
    local newest damage
    backup=${backup%/}
    [ -d "$backup" ] || die 66 "no backup '$backup'"
    if [ ! -e "$backup/CONTENTS" ]; then
        newest=$(backups_in "$backup" | tail -n 1)
        [ -z "$newest" ] || backup=$backup/$newest
    fi
    [[ ${backup##*/} != .partial.* ]] || die 65 "'$backup' was never completed; take another"
    [ -e "$backup/CONTENTS" ] || die 66 "'$backup' is no backup, and there is none in it; name one such as /backup/pacsdb@database/000042-2026-11-25T030000"
    [ -z "$identity" ] || { [ -f "$identity" ] && [ -r "$identity" ]; } ||
        die 78 "the key '$identity' is no file that can be read; where the one to mount is missing, Docker makes a directory"
    backup_key_fits "$backup" || die 78 "the key '$identity' does not open '$backup', which is not damaged by that; name the one that it was encrypted for with --identity"
    watched 'verified' measure_part backup_damage "$backup" >"$scratch/damage" || die 74 "cannot read '$backup'"
    damage=$(cat "$scratch/damage")
    [ -z "$damage" ] || die 65 "'$backup' is damaged: $damage; take another"
    about="'$backup' ($(backup_content "$backup" made), database '$(backup_content "$backup" database)', $(backup_content "$backup" tables) tables)"
}

restore_backup() {
    db_settings
    check_target
    if [ "$dry_run" = yes ]; then
        result "would restore $about into '$volume' ($volume_state) and '$db_name' on $db_host:$db_port ($db_state)"
        return
    fi
    save_what_is_there
    go_through_phases
    newer_images
    result "restored $about into '$volume' and '$db_name' on $db_host:$db_port"
    [ "$start" = yes ] || return 0
    rm -rf "$scratch"
    [ -z "${volume_lock:-}" ] || exec {volume_lock}<&-
    exec "$here/prove-archive"
}

# What stays where it is: not in a backup, and often a mount.
kept() {
    local each
    ! stays_out_of_backup "$1" || return 0
    [[ $1 != lost+found && $1 != .dcm ]] || return 0
    for each in "${excluded[@]}"; do
        [ "${each%%/*}" != "$1" ] || return 0
    done
    return 1
}

names_in() { # DIR: what is to be moved, each with a NUL at its end
    local name
    find -H "$1" -mindepth 1 -maxdepth 1 -printf '%f\0' | while IFS= read -r -d '' name; do
        kept "$name" || printf '%s\0' "$name"
    done
}

# Sets phase, kept_in and under_way from what an earlier run wrote down, as far as it is that.
read_progress() {
    local record line
    record=$(in_directory .dcm regular restore 2>/dev/null) || record=''
    phase='' under_way='' kept_in=''
    while IFS= read -r line; do
        case $line in
            'phase '*) [[ ${line#phase } =~ ^(database|aside|configuration|done)$ ]] && phase=${line#phase } ;;
            'kept before-restore-'*) [[ ${line#kept } =~ ^before-restore-[0-9]{1,6}$ ]] && kept_in=${line#kept } ;;
            'backup '* | 'sums '* | 'database '*) under_way+=$line$'\n' ;;
        esac
    done <<<"$record"
    [[ -n $phase && -n $kept_in ]] || phase=''
}

# What tells this restore from another.
this_restore() {
    printf 'backup %s\nsums %s\ndatabase %s on %s:%s\n' "${backup//[[:cntrl:]]/ }" "$(sha256sum <"$backup/SHA256SUMS" | cut -c1-64)" "$db_name" "$db_host" "$db_port"
}

enter_phase() { # WORD
    phase=$1
    {
        { echo 'dcm-restore 1' && this_restore && printf 'begun %s\nkept %s\nphase %s\n' "$(date -Iseconds)" "$kept_in" "$phase"; } |
            in_directory .dcm replace restore && sync -f "$volume"
    } || die 74 "cannot write '$volume/.dcm/restore'; the archive does not start until this is run again"
}

# Sets volume_state and db_state (fresh, unfinished or used), save_first (yes or no), phase and kept_in; ends the script when
# something is in the way.
check_target() {
    local mount marker
    mapfile -t excluded < <(backup_content "$backup" stays)
    { [ -d "$volume" ] && [ -w "$volume" ]; } || die 77 "cannot write in '$volume'; DCM4CHEE_HOME names the root of the server"
    while read -r mount; do
        mount=${mount#"$volume"/}
        kept "${mount%%/*}" || die 78 "'$volume/$mount' is a mount of its own and in the way; restore without it"
    done < <(awk -v under="$volume/" 'index($5, under) == 1 {print $5}' /proc/self/mountinfo)
    hold_volume
    look_at_database
    read_progress
    volume_state=fresh save_first=no
    if [[ -n $phase && $phase != 'done' ]]; then
        volume_state=unfinished
        [ "$under_way" = "$(this_restore)"$'\n' ] ||
            die 75 "another restore has not finished here: ${under_way//$'\n'/, }phase $phase; go on with the one of that backup before you begin one"
        # what the database holds in the later phases is what was loaded
        [ "$phase$db_state" != databaseused ] || save_first=yes
        return
    fi
    phase=''
    marker=$(in_directory .dcm regular marker 2>/dev/null) || marker=''
    if names_in "$volume" | tr '\0' '\n' | grep -xE 'conf|data|deploy|lib' >/dev/null && ! grep -qx 'origin copied' <<<"$marker"; then
        volume_state=used
    fi
    [[ $db_state != used && $volume_state != used ]] || save_first=yes
}

# What is in use is replaced when that was asked for in this very run, and saved before.
save_what_is_there() {
    [ "$save_first" = yes ] || return 0
    [ "$force" = yes ] || refuse_used
    back_up_present || {
        [ $? != 75 ] || die 75 "what is there now could not be backed up yet, nothing was changed; run this again when the other backup has ended"
        die 73 "what is there now could not be backed up, nothing was changed"
    }
}

# Until the end of this process: no container comes to serve from what is half there. A volume without .dcm has never been in use.
hold_volume() {
    [ -f "$volume/.dcm/lock" ] || return 0
    exec {volume_lock}<"$volume/.dcm/lock"
    flock -n "$volume_lock" || die 75 "a container uses '$volume'; stop the archive first"
}

refuse_used() {
    [ "$db_state" != used ] || die 73 "'$db_name' on $db_host:$db_port is in use, nothing was changed; restore into an empty database, or --force"
    die 73 "'$volume' is in use, nothing was changed; restore onto an empty volume, or --force"
}

refuse_connections() {
    db_sql "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    [ "$db_rows" = 0 ] || die 75 "$db_rows connections to '$db_name' on $db_host:$db_port are open; stop the archive first"
}

look_at_database() {
    local existing marked
    refuse_connections
    db_sql "SELECT COUNT(*), IFNULL(SUM(table_name = '$unfinished_mark'), 0) FROM information_schema.tables WHERE table_schema = DATABASE()"
    read -r existing marked <<<"$db_rows"
    db_state=fresh
    if [ "$marked" = 1 ]; then
        db_state=unfinished
    elif [ "$existing" != 0 ]; then
        stored_schema
        stored_counts
        [ "${db_rows%%$'\t'*}" = 0 ] && [ -n "$schema" ] || db_state=used
    fi
}

# Where those of all archives are, for which $backup is one.
backups_directory() {
    local beside
    beside=$(dirname "$(realpath "$backup")")
    [ ! -e "$beside/.archive" ] || beside=$(dirname "$beside")
    printf '%s\n' "$beside"
}

# As encrypted as the backup that is restored: nothing of it comes to lie beside that in clear.
back_up_present() {
    local beside
    beside=$(backups_directory)
    if [ -z "$recipient" ] && backup_sealed "$backup"; then
        recipient=$(age-keygen -y "$identity" 2>/dev/null | head -n 1) || :
        [ -n "$recipient" ] || die 78 "what is there now would be backed up in clear; name the public key of '$identity' with --recipient"
    fi
    "$here/backup" --to "$beside" --keep 0 ${recipient:+--recipient "$recipient"}
}

go_through_phases() {
    if [ -z "$phase" ]; then
        [ -d "$volume/.dcm" ] || mkdir -m 700 "$volume/.dcm"
        # the one of the image, which the engine copies to a new volume, can be entered by others: no start believes what is in such a one
        in_directory '' chmod 700 .dcm || die 77 "'$volume/.dcm' is somebody else's, nothing was changed; correct whose it is"
        kept_in=before-restore-$(($(in_directory .dcm last_kept) + 1))
        enter_phase database
    fi
    if [ "$phase" = database ]; then
        watched 'loaded' measure_part load_database || die 69 "the database did not take the dump: $(tail -n 1 "$scratch/errors"); the archive does not start until this is run again"
        enter_phase aside
    fi
    db_sql "DROP TABLE IF EXISTS $unfinished_mark"
    if [ "$phase" = aside ]; then
        interruptible set_aside || die 74 "cannot clear '$volume'; the archive does not start until this is run again"
        enter_phase configuration
    fi
    if [ "$phase" = configuration ]; then
        watched 'placed' measure_part place_configuration || die 74 "cannot write '$volume'; the archive does not start until this is run again"
        place_crontab
        enter_phase 'done'
    fi
}

last_kept() {
    local each last=0
    for each in before-restore-*; do
        each=${each#before-restore-}
        [[ ! $each =~ ^[0-9]{1,6}$ ]] || [ $((10#$each)) -le "$last" ] || last=$((10#$each))
    done
    echo "$last"
}

# shellcheck disable=SC2016 # backquotes of SQL
# In place of all that is there: a table that the backup does not know would be a stranger to it.
load_database() {
    local drop
    : >"$scratch/errors"
    refuse_connections
    db_sql "CREATE TABLE IF NOT EXISTS $unfinished_mark (a INT)"
    db_sql "SELECT CONCAT('DROP ', IF(table_type IN ('VIEW', 'SEQUENCE'), table_type, 'TABLE'), ' IF EXISTS \`', REPLACE(table_name, '\`', '\`\`'), '\`;')
            FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name <> '$unfinished_mark'
        UNION ALL SELECT CONCAT('DROP ', routine_type, ' IF EXISTS \`', REPLACE(routine_name, '\`', '\`\`'), '\`;')
            FROM information_schema.routines WHERE routine_schema = DATABASE()
        UNION ALL SELECT CONCAT('DROP EVENT IF EXISTS \`', REPLACE(event_name, '\`', '\`\`'), '\`;')
            FROM information_schema.events WHERE event_schema = DATABASE()"
    drop=$db_rows
    db_sql "SET foreign_key_checks = 0; $drop"
    set_collation
    load_dump cat
}

# The dump has that of each table alone; what routines are given to compare has the database's.
set_collation() {
    local text
    text=$(backup_content "$backup" text)
    [[ $text =~ ^[a-z0-9]{1,32}\ [a-z0-9_]{1,64}$ ]] || return 0
    db mariadb --database="$db_name" -e "ALTER DATABASE \`${db_name//\`/\`\`}\` CHARACTER SET ${text/ / COLLATE }" 2>"$scratch/objects" ||
        warn "the database does not get the character set that it had ($text), which routines may need: $(tail -n 1 "$scratch/objects")"
}

set_aside() {
    local name stays=("${excluded[@]}")
    # an earlier version did not write it down; the database that came back knows
    stored_schema
    find_excluded
    excluded+=("${stays[@]}")
    (umask 077 && in_directory .dcm mkdir -p "$kept_in/.dcm") || return
    in_directory '' set_aside_here && sync -f "$volume"
}

set_aside_here() {
    local name path
    names_in . | while IFS= read -r -d '' name; do
        mv -T -- "./$name" ".dcm/$kept_in/$name" || return
    done || return
    for path in .dcm/* .dcm/.[!.]*; do
        case ${path#.dcm/} in
            lock | restore | restore.new | run-as | maintenance | before-restore-*) continue ;;
        esac
        { [ ! -e "$path" ] && [ ! -L "$path" ]; } || mv -T -- "$path" ".dcm/$kept_in/$path" || return
    done
}

# The tree is made with the rights of the server: nothing in it can be more than what he could make himself. Of the .dcm of a backup
# only marker and manifest come back, as texts.
place_configuration() {
    find_server_user
    in_directory .dcm rm -rf restore-tree && in_directory .dcm mkdir -m 700 restore-tree || return
    [ "$(id -u)" != 0 ] || in_directory .dcm chown "$server_user" restore-tree || return
    backup_open "$backup" configuration.tar |
        in_directory .dcm/restore-tree as_server tar --extract --preserve-permissions --no-same-owner --exclude=./.dcm -f - || return
    place_settings || return
    # what gets its name first and its content later is empty when the power goes in between
    sync -f "$volume" || return
    in_directory '' place_tree || return
    place_state marker && place_state manifest || return
    if [ "$(id -u)" = 0 ] && [[ $server_user != 0:* ]]; then
        chown "0:${server_user#*:}" "$volume" && chmod 1775 "$volume" || return
    fi
    backup_content "$backup" archive | write_state archive-id && remove_state verify-archive
    in_directory .dcm rmdir --ignore-fail-on-non-empty "$kept_in/.dcm" "$kept_in" 2>/dev/null || :
    in_directory .dcm rm -rf restore-tree && sync -f "$volume"
}

place_tree() {
    local name
    names_in .dcm/restore-tree | while IFS= read -r -d '' name; do
        rm -rf -- "./$name" && mv -T -- ".dcm/restore-tree/$name" "./$name" || return
    done
}

# Oviyam's, into a directory that stays where it is
place_settings() {
    local at=work/jboss.web/localhost name
    for name in "$volume/.dcm/restore-tree/$at"/*-config.xml; do
        [ -f "$name" ] || continue
        as_server mkdir -p "$volume/$at" &&
            in_directory .dcm/restore-tree as_server cp -P --remove-destination "./$at/${name##*/}" "$volume/$at/${name##*/}" || return
    done
}

place_state() { # NAME
    local text
    text=$scratch/$1
    backup_open "$backup" configuration.tar | tar --extract --to-stdout --occurrence=1 -f - "./.dcm/$1" 2>/dev/null | head -c 32M >"$text" || :
    [ ! -s "$text" ] || (umask 077 && in_directory .dcm replace "$1" <"$text")
}

# The DICOM files are not in the backup: those that came after it are there, and the database does not know them.
newer_images() {
    local count
    count=$(as_server find "$volume/archive" -type f -newermt "$(backup_content "$backup" made)" 2>/dev/null | wc -l) || :
    [ "$count" = 0 ] || warn "$count files in '$volume/archive' are newer than this backup: the database knows none that came after it; once they are an hour old, verify-archive --files 0 names them as orphaned: send those in again"
}

place_crontab() {
    local crontab=${_DCM_CRONTAB_FILE:-/crontab_file}
    [ -n "$(backup_part "$backup" crontab)" ] || return 0
    if ! backup_open "$backup" crontab | cmp -s - "$crontab"; then
        (umask 077 && backup_open "$backup" crontab | in_directory .dcm replace crontab_file)
        warn "the crontab of the backup is not '$crontab', so its jobs do not run, nightly backups among them; it is in '$volume/.dcm/crontab_file': put it in the place of that file on the host, then restart the container"
    fi
}
