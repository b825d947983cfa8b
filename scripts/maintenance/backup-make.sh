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
}

choose_recipient() {
    seal=(cat)
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

# Sets tables, database_bytes, routines, not_transactional, dump_options, excluded, crontab, holds.
look_at_source() {
    [ -d "$volume" ] || die 78 "no directory '$volume'; DCM4CHEE_HOME names the root of the server"
    db_sql "SELECT COUNT(*), IFNULL(SUM(data_length), 0), SUM(engine <> 'InnoDB'),
        (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = DATABASE())
        FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
    read -r tables database_bytes not_transactional routines <<<"$db_rows"
    [ "$tables" -gt 0 ] || die 69 "'$db_name' on $db_host:$db_port has no tables; MYSQL_DATABASE names the archive's database"
    dump_options=(--single-transaction)
    if [ "$not_transactional" != 0 ]; then
        warn "$not_transactional tables are not InnoDB: the archive waits with storing while they are dumped"
        dump_options=(--lock-tables)
    fi
    [ "$routines" = 0 ] || dump_options+=(--routines)
    excluded=(archive log tmp work 'wadocache*' 'tar-extracted*' .dcm/tmp .dcm/lock)
    stored_directories
    crontab=${_DCM_CRONTAB_FILE:-/crontab_file}
    [ -f "$crontab" ] || crontab=''
    # shellcheck disable=SC2034 # for backup
    holds="database '$db_name' ($tables tables), configuration${crontab:+, crontab}"
}

# Wherever the archive was told to store: those inside the volume hold DICOM files.
stored_directories() {
    local directory
    db_sql "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'filesystem'"
    [ "$db_rows" != 0 ] || return 0
    db_sql 'SELECT dirpath FROM filesystem'
    while IFS= read -r directory; do
        directory=${directory#"$volume"/}
        [[ $directory == [./]* ]] || [ -z "$directory" ] || excluded+=("$directory")
    done <<<"$db_rows"
}

tar_configuration() {
    local pattern options=()
    for pattern in "${excluded[@]}"; do
        options+=(--exclude="./$pattern")
    done
    local status=0
    tar -C "$volume" --create --numeric-owner --sort=name --anchored --wildcards --no-wildcards-match-slash \
        --warning=no-file-changed --warning=no-file-removed "${options[@]}" . || status=$?
    # 1: a file of the running server changed while it was read
    [ "$status" -le 1 ]
}

dump_database() {
    db mariadb-dump "${dump_options[@]}" --quick --hex-blob --triggers --no-tablespaces --max-allowed-packet=1G "$db_name"
}

# The last one's size tells best; without one, half of what the database and the configuration take up.
room_needed() {
    local last bytes
    last=$(backups_in "$to" | tail -n 1)
    if [ -n "$last" ]; then
        bytes=$(($(du -sb "$to/$last" | cut -f1) * 5 / 4))
    else
        local options=() pattern
        for pattern in "${excluded[@]}"; do
            options+=(--exclude="./$pattern")
        done
        bytes=$(((database_bytes + $(cd "$volume" && du -sb "${options[@]}" . | cut -f1)) / 2))
    fi
    echo $((bytes + (4 << 20)))
}

store() { # NAME COMMAND...: the sum is of what goes to the disk, not of what lies there
    local file=$1.zst${recipient:+.age}
    shift
    "$@" | zstd -q -T0 | "${seal[@]}" | tee "$partial/$file" | sha256sum | sed "s/-\$/$file/" >>"$partial/SHA256SUMS"
}

describe() {
    local marker=$volume/.dcm/marker
    cat <<EOF_CONTENTS
made=$(date -Iseconds)
product=$(sed -n 's/^product //p' "$marker" 2>/dev/null || :)
version=$(sed -n 's/^version //p' "$marker" 2>/dev/null || :)
database=$db_name
tables=$tables
dicom_files=not in this backup; they are under $volume/archive
EOF_CONTENTS
}

write_parts() {
    # joined by &&: the caller asks for the status, and bash then ignores "set -e" in here
    describe | tee "$partial/CONTENTS" | sha256sum | sed 's/-$/CONTENTS/' >"$partial/SHA256SUMS" &&
        store database.sql dump_database &&
        store configuration.tar tar_configuration &&
        { [ -z "$crontab" ] || store crontab cat -- "$crontab"; }
}

make_durable() {
    sync -- "$partial"/* "$partial"
}
