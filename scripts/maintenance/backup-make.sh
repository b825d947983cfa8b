# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The steps of `backup`, which sets to, recipient, partial.

# A directory of the container's own file system goes with the container.
check_place() {
    [ -d "$to" ] || die 78 "no directory '$to'; mount one there (volumes: - ./backup:/backup), or name another with --to"
    [ -w "$to" ] || die 77 "no right to write in '$to'"
    if [[ $here == /opt/dcm/* ]] && [ "$(stat -c %m -- "$to")" = / ]; then
        die 78 "'$to' is inside the container and would vanish with it; mount a directory there (volumes: - ./backup:/backup)"
    fi
    local own
    own=$(realpath -- "$to")
    [[ $own/ != "$(realpath -m -- "$volume")"/* ]] || die 78 "'$to' is on the volume that it is to save; mount another directory"
    [[ $here != /opt/dcm/* ]] || is_out_of_reach "$own" || die 78 "the server may write in '$to', so whoever breaks into it could take the backups; mount that directory at /backup, or give it to root alone (on a volume of the original image: chown 11114) with chmod 700"
}

# dcm-start hides /backup from the server, and what holds backups when it starts, at the top of a mount or one directory below, but
# not beside images: directories of years.
is_out_of_reach() { # DIR
    local status=0 below
    [[ $1/ != /backup/* ]] || return 0
    below=${1#"$(stat -c %m -- "$1")"}
    if [[ ${below#/} != */* ]] && [ -n "$(find "$1" -mindepth 2 -maxdepth 2 -path '*@*/.archive' -user root -print -quit 2>/dev/null)" ] &&
        [ -z "$(find "$1" -mindepth 1 -maxdepth 1 -name '[12][0-9][0-9][0-9]' -print -quit 2>/dev/null)" ]; then
        return 0
    fi
    as_server test -w "$1" || status=$?
    [ "$status" = 1 ]
}

choose_recipient() {
    [ -n "$recipient" ] || return 0
    command -v age >/dev/null || die 69 "age is not installed, so nothing can be encrypted"
    case $recipient in
        AGE-SECRET-KEY-*) die 78 "the recipient is a secret key, which belongs on no machine that makes backups; give its public one (age1..., told by age-keygen -y)" ;;
        age1*) seal=(age --recipient "$recipient") ;;
        ssh-*) seal=(age --recipient "$recipient") ;;
        *)
            [ -r "$recipient" ] || die 78 "'$recipient' is neither an age public key nor a file of them that can be read"
            seal=(age --recipients-file "$recipient")
            ;;
    esac
    "${seal[@]}" </dev/null >/dev/null 2>&1 || die 78 "age does not take the recipient '$recipient'; give a public key (age1...)"
}

# Sets archive_id: what tells this archive from another with a database of the same name. Kept with the volume, and with each backup.
know_archive() {
    archive_id=$(read_state archive-id)
    [[ $archive_id =~ ^[0-9a-f]{32}$ ]] && return
    archive_id=$(od -An -N 16 -tx1 /dev/urandom | tr -d ' \n')
    # a volume without .dcm was never started with this toolkit
    [ "$dry_run" = no ] && write_state archive-id <<<"$archive_id" 2>/dev/null || archive_id=''
}

# The clock may go back; the number does not.
next_name() {
    local last
    last=$(backups_in "$into" | grep -E '^[0-9]{6}-' | tail -n 1) || last=000000
    printf '%06d-%s\n' $((10#${last:0:6} + 1)) "$(date +%Y-%m-%dT%H%M%S)"
}

# What goes when $keep stay: never the one that this run made. Those of an earlier version, which lie beside the directories of the
# archives, are this archive's when no other has a database of that name.
outdated() {
    local name_here=$db_name@ each others=0
    [ "$keep" != 0 ] || return 0
    for each in "$to/${name_here//[^A-Za-z0-9.@_-]/_}"*; do
        [ ! -d "$each" ] || [ "$each" = "$into" ] || others=1
    done
    {
        [ "$others" = 1 ] || backups_in "$to" | while IFS= read -r each; do
            [ "$(backup_content "$to/$each" database 2>/dev/null)" != "$db_name" ] || printf '%s\n' "$to/$each"
        done
        [ ! -d "$into" ] || { backups_in "$into" | grep -vxF -e "${name:-none}" || :; } | sed "s|^|$into/|"
    } | head -n "-$((keep - 1))"
}

remove() { # DIRECTORY...
    local each
    for each in "$@"; do
        # under another name first: a removal that is cut off leaves nothing that looks complete
        mv -T "$each" "$into/.partial.${each##*/}" && rm -rf "$into/.partial.${each##*/}"
    done
}

# What stood on the volume before a restore, once the archive is seen to run on what came back.
forget_before_restore() {
    local record
    record=$(in_directory .dcm regular restore 2>/dev/null) || return 0
    grep -qx 'phase done' <<<"$record" && dcm-start --ready >/dev/null 2>&1 || return 0
    in_directory .dcm find . -mindepth 1 -maxdepth 1 -name 'before-restore-*' -exec rm -rf {} + || :
}

# Sets tables, database_bytes, dump_options, unsaved, excluded, crontab, holds, and what look_at_objects does.
look_at_source() {
    [ -d "$volume" ] || die 78 "no directory '$volume'; DCM4CHEE_HOME names the root of the server"
    db_sql "SELECT COUNT(*), IFNULL(SUM(data_length + index_length), 0), SUM(engine <> 'InnoDB')
        FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
    read -r tables database_bytes not_transactional <<<"$db_rows"
    numbers_only "$tables" "$database_bytes"
    [ "$tables" -gt 0 ] || die 69 "'$db_name' on $db_host:$db_port has no tables; MYSQL_DATABASE names the archive's database"
    dump_options=(--single-transaction)
    if [ "$not_transactional" != 0 ]; then
        warn "$not_transactional tables are not InnoDB: the archive waits with storing while they are dumped"
        dump_options=(--lock-tables)
    fi
    look_at_objects
    stored_schema
    db_rows=$'0\t0'
    [ -z "$schema" ] || db_sql "$(stored_bytes_sql)"
    numbers_only "${db_rows%$'\t'*}" "${db_rows#*$'\t'}"
    unsaved="${db_rows%$'\t'*} DICOM files ($(numfmt --to=iec --suffix=B "${db_rows#*$'\t'}"))"
    find_excluded
    crontab=${_DCM_CRONTAB_FILE:-/crontab_file}
    [ -f "$crontab" ] || crontab=''
    # shellcheck disable=SC2034 # for backup
    holds="database '$db_name' ($tables tables), configuration${crontab:+, crontab}"
}

# What others than the archive made in its database, and what of it this login may not read. Sets views, all of them;
# readable_views; triggers, routines, events, how many can be read; left_out.
look_at_objects() {
    local kind name readable
    views=() readable_views=() left_out=() triggers=0 routines=0 events=0
    db_sql "SELECT 'view', table_name, 1 FROM information_schema.views WHERE table_schema = DATABASE()
        UNION ALL SELECT 'trigger', trigger_name, action_statement IS NOT NULL FROM information_schema.triggers WHERE trigger_schema = DATABASE()
        UNION ALL SELECT 'routine', routine_name, routine_definition IS NOT NULL FROM information_schema.routines WHERE routine_schema = DATABASE()
        UNION ALL SELECT 'event', event_name, 1 FROM information_schema.events WHERE event_schema = DATABASE()"
    while IFS=$'\t' read -r kind name readable; do
        case $kind:$readable in
            view:*) views+=("$name") ;;
            trigger:1 | routine:1 | event:1) printf -v "${kind}s" '%d' "$((${kind}s + 1))" ;;
            *:0) left_out+=("$kind '$name'") ;;
        esac
    done <<<"$db_rows"
    for name in "${views[@]}"; do
        # of what another user made, or what is broken
        # shellcheck disable=SC2016 # backquotes of SQL
        if db mariadb --database="$db_name" <<<"SHOW CREATE VIEW \`${name//\`/\`\`}\`; SHOW FIELDS FROM \`${name//\`/\`\`}\`" >/dev/null 2>&1; then
            readable_views+=("$name")
        else
            left_out+=("view '$name'")
        fi
    done
    # without the right to see any of a kind, the server does not say that there are some
    for kind in TRIGGER EVENT; do
        db_sql "SELECT COUNT(*) FROM (SELECT table_schema, privilege_type FROM information_schema.schema_privileges
            UNION ALL SELECT '%', privilege_type FROM information_schema.user_privileges) rights
            WHERE privilege_type = '$kind' AND DATABASE() LIKE table_schema"
        [ "$db_rows" != 0 ] || left_out+=("${kind,,}s, if there are any: the login has no right $kind")
    done
}

# One archive of three: .dcm comes from root. Each but the last goes without the two empty blocks of its end.
tar_configuration() {
    local name state=() settings=() options=()
    for name in marker manifest; do
        ! in_directory .dcm test -f "$name" || state+=("./.dcm/$name")
    done
    # Oviyam's settings, in a directory that is scratch otherwise
    for name in "$volume"/work/jboss.web/localhost/*-config.xml; do
        [ ! -f "$name" ] || settings+=("./${name#"$volume/"}")
    done
    for name in "${excluded[@]}"; do
        options+=(--exclude="./$name")
    done
    [ ${#state[@]} = 0 ] || in_directory '' tar_files command "${state[@]}" | head -c -1024
    [ ${#settings[@]} = 0 ] || in_directory '' tar_files as_server "${settings[@]}" | head -c -1024
    in_directory '' tar_files as_server --sort=name --anchored --no-wildcards "${options[@]}" .
}

tar_files() { # command|as_server OPTION... FILE...
    # shellcheck disable=SC2034 # for as_server
    local rights=$1 status=0 server_limit=1h
    shift
    "$rights" tar --create --sparse --numeric-owner --blocking-factor=1 --ignore-failed-read --warning=no-file-changed --warning=no-file-removed "$@" || status=$?
    # 1: a file of the running server changed while it was read
    [ "$status" -le 1 ]
}

dump() { # OPTION...
    db mariadb-dump --quick --no-tablespaces --max-allowed-packet=1G "$@"
}

dump_database() {
    local view options=()
    for view in "${views[@]}"; do
        options+=(--ignore-table="$db_name.$view")
    done
    dump "${dump_options[@]}" --hex-blob --skip-triggers "${options[@]}" -- "$db_name"
}

# What cannot be read was named before; the count of what could be is held against this when it is read back.
dump_objects() {
    local only=(--force --no-data --no-create-info --skip-triggers --skip-lock-tables)
    {
        [ "$routines" = 0 ] || dump "${only[@]}" --routines -- "$db_name" || :
        [ ${#readable_views[@]} = 0 ] || dump --skip-triggers --skip-lock-tables -- "$db_name" "${readable_views[@]}"
        [ "$triggers" = 0 ] || dump "${only[@]}" --triggers -- "$db_name" || :
        [ "$events" = 0 ] || dump "${only[@]}" --events -- "$db_name"
    } | without_definer
}

# The last one's size tells best; without one, half of what the database and the configuration take up.
room_needed() {
    local last bytes
    last=$([ ! -d "$into" ] || backups_in "$into" | tail -n 1)
    if [ -n "$last" ]; then
        bytes=$(($(du -sb "$into/$last" | cut -f1) * 5 / 4))
    else
        local options=() name
        for name in "${excluded[@]}"; do
            options+=(--exclude="./$name")
        done
        # what it takes up: a file of the server may be 8T of nothing
        bytes=$(in_directory '' as_server du -s --block-size=1 "${options[@]}" . | cut -f1) || :
        numbers_only "$bytes"
        bytes=$(((database_bytes / 2 + bytes) / 2))
    fi
    echo $((bytes + (4 << 20)))
}

compress() {
    if [ -n "$recipient" ]; then
        zstd -q -T0 | "${seal[@]}"
    else
        zstd -q -T0
    fi
}

store() { # NAME COMMAND...: the sum is of what goes to the disk, not of what lies there
    local file=$1.zst${recipient:+.age}
    shift
    "$@" | compress | tee "$partial/$file" | sha256sum | sed "s/-\$/$file/" >>"$partial/SHA256SUMS"
}

describe() {
    local marker
    marker=$(in_directory .dcm regular marker) || marker=''
    # what was stored, or deleted, while the dump was made is in it or not
    paste <(printf '%s\n' studies series images files) <(tr '\t' '\n' <<<"$before") <(tr '\t' '\n' <<<"$after") |
        while read -r kind first second; do
            echo "$kind=$((first < second ? first : second)) $((first < second ? second : first))"
        done >"$scratch/counts"
    db_sql 'SELECT @@character_set_database, @@collation_database'
    cat <<EOF_CONTENTS
made=$(date -Iseconds)
product=$(sed -n 's/^product //p' <<<"$marker")
version=$(sed -n 's/^version //p' <<<"$marker")
archive=$archive_id
database=$db_name
server=$db_host:$db_port
tables=$tables
bytes=$database_bytes
text=${db_rows/$'\t'/ }
views=${#readable_views[@]}
triggers=$triggers
routines=$routines
events=$events
$(cat "$scratch/counts")
dicom_files=not in this backup: $unsaved
EOF_CONTENTS
    printf 'stays=%s\n' "${excluded[@]//$'\n'/ }"
    [ ${#left_out[@]} = 0 ] || printf 'left_out=%s\n' "${left_out[@]//$'\n'/ }"
    sed -n 's/^tar: \(.*\): Warning: Cannot .*/left_out=file '"'\1'"': the server cannot read it/p' "$scratch/files"
}

# The configuration while the database is at work. Joined by &&: the caller asks for the status, and bash then ignores "set -e" in here.
write_parts() {
    local files
    : >"$partial/SHA256SUMS"
    store_files 2>"$scratch/files" &
    files=$!
    # nothing of it goes on when this ends for lack of the database
    trap 'wait' EXIT
    stored_counts && before=$db_rows &&
        store database.sql dump_database &&
        stored_counts && after=$db_rows &&
        store objects.sql dump_objects &&
        { wait "$files" || { cat "$scratch/files" >&2; false; }; } &&
        describe | tee "$partial/CONTENTS" | sha256sum | sed 's/-$/CONTENTS/' >>"$partial/SHA256SUMS"
}

store_files() {
    store configuration.tar tar_configuration && { [ -z "$crontab" ] || store crontab cat -- "$crontab"; }
}

make_durable() {
    sync -- "$partial"/* "$partial"
}

measure_backup() {
    echo "$(du -sb "$partial" | cut -f1) $needed"
}
