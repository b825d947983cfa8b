# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# `restore --prove`: the dump of $backup into a database that is made for it and removed afterwards, and what is in it is counted.
prove_server='' prove_database='' prove_directory='' asked_name=pacsdb asked_user=pacs

prove_backup() {
    local bytes
    bytes=$(backup_content "$backup" bytes)
    numbers_only "${bytes:-0}"
    make_prove_database || make_prove_server
    watched 'loaded' measure_part load_dump asleep || not_loaded
    count_proved
    proved_in="'$db_name' on $db_host:$db_port"
    [ -z "$prove_server" ] || proved_in='a server of its own'
    result "proved: $about, loaded into $proved_in, has $proved"
}

# MySQL has collations that no MariaDB has: that is not the fault of the backup.
not_loaded() {
    ! grep -qE '^ERROR (1115|1273) ' "$scratch/errors" || [ -z "$prove_server" ] ||
        die 69 "the MariaDB of this image cannot load what that server dumps ($(tail -n 1 "$scratch/errors")); let it be loaded there, as root: $(grant_line)"
    die 65 "'$backup' cannot be loaded: $(tail -n 1 "$scratch/errors"); take another"
}

grant_line() {
    echo "GRANT ALL ON \`${asked_name//_/\\_}\\_prove\`.* TO '$asked_user'@'%';"
}

# An event of the site must not run here as well, on what it knows by name.
asleep() {
    LC_ALL=C sed -E '/^\/\*!50106 CREATE\*\//s/(ON COMPLETION (NOT )?PRESERVE) ENABLE/\1 DISABLE/'
}

# Beside the archive's, when its login may. One that a killed run left has nothing but what that run loaded.
make_prove_database() {
    local name
    (db_settings) 2>/dev/null || return
    db_settings
    asked_name=$db_name asked_user=$db_user
    name=${db_name}_prove
    # shellcheck disable=SC2016 # backquotes of SQL
    db mariadb --batch <<<"CREATE DATABASE \`${name//\`/\`\`}\`; CREATE TABLE \`${name//\`/\`\`}\`.dcm_prove (a INT);" >"$scratch/errors" 2>&1 ||
        grep -q '^ERROR 1007 ' "$scratch/errors" || return
    db_name=$name
    db_sql "SELECT COUNT(*), IFNULL(SUM(table_name = 'dcm_prove'), 0) FROM information_schema.tables WHERE table_schema = DATABASE()"
    [[ $db_rows == *$'\t1' || $db_rows == 0$'\t'* ]] || die 73 "'$db_name' on $db_host:$db_port was not made for this and is left alone; rename it"
    prove_database=$db_name
    # shellcheck disable=SC2016
    db_sql "DROP DATABASE \`${name//\`/\`\`}\`; CREATE DATABASE \`${name//\`/\`\`}\`; CREATE TABLE \`${name//\`/\`\`}\`.dcm_prove (a INT)"
}

# It ends with this script, however that ends. Where the container's own file system is read-only, what is mounted there for temporary
# files is memory: its data are beside the backups then.
make_prove_server() {
    local base=${TMPDIR:-/var/tmp} needed as=()
    if [ -z "${TMPDIR:-}" ] && [ ! -w "$base" ]; then
        ! backup_sealed "$backup" || die 69 "'$backup' is encrypted, and would lie beside it in clear to be proved; name a directory for that with TMPDIR"
        base=$(backups_directory)
    fi
    command -v mariadbd >/dev/null ||
        die 69 "nowhere to load it: the login may not create a database on $db_host, and there is no mariadbd here; as root there: $(grant_line)"
    needed=$(backup_content "$backup" bytes)
    [ "$(free_bytes "$base")" -gt $((${needed:-0} * 2)) ] || die 69 "no room in '$base' for the database of '$backup'; name another directory with TMPDIR"
    make_directory prove_directory "$base/dcm-prove"
    # SQL reads and writes no file but in a directory of root's alone
    mkdir "$prove_directory/data" "$prove_directory/files" && chmod 711 "$prove_directory"
    if [ "$(id -u)" = 0 ]; then
        # what a dump says is done by somebody who owns nothing
        as=(--reuid=nobody --regid=nogroup --clear-groups)
        { chown -h nobody:nogroup "$prove_directory/data" && setpriv "${as[@]}" test -w "$prove_directory/data"; } 2>/dev/null ||
            die 69 "the database server that proves a backup runs as nobody, who cannot write in '$base'; name another directory with TMPDIR"
    fi
    setpriv "${as[@]}" mariadb-install-db --no-defaults --force --skip-test-db --auth-root-authentication-method=normal \
        --datadir="$prove_directory/data" --tmpdir="$prove_directory/data" >"$scratch/errors" 2>&1 ||
        die 69 "no database server can be made here: $(tail -n 1 "$scratch/errors")"
    start_prove_server "${as[@]}"
    db_host=$prove_directory/data/s db_user=root db_password='' db_encryption=off db_name=prove
    until db mariadb <<<"CREATE DATABASE IF NOT EXISTS prove" >/dev/null 2>&1; do
        kill -0 "$prove_server" 2>/dev/null || die 69 "the database server that was made here did not come up: $(tail -n 1 "$scratch/errors")"
        sleep 0.1
    done
}

# Of what runs in this container it is the first to go when there is too little memory.
start_prove_server() { # OPTION OF SETPRIV...
    local never_durable=(--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0) small=(--innodb-buffer-pool-size=32M --performance-schema=OFF)
    {
        echo 1000 >"/proc/$BASHPID/oom_score_adj" || :
        exec setpriv "$@" --pdeathsig KILL mariadbd --no-defaults --datadir="$prove_directory/data" --socket="$prove_directory/data/s" \
            --tmpdir="$prove_directory/data" --pid-file="$prove_directory/data/pid" --skip-networking \
            --secure-file-priv="$prove_directory/files" "${never_durable[@]}" "${small[@]}"
    } >"$scratch/errors" 2>&1 </dev/null &
    prove_server=$!
}

# shellcheck disable=SC2016 # backquotes of SQL
end_prove() {
    [ -z "$prove_database" ] || db mariadb <<<"DROP DATABASE IF EXISTS \`${prove_database//\`/\`\`}\`" || :
    [ -z "$prove_server" ] || { kill "$prove_server" && wait "$prove_server"; } 2>/dev/null || :
    [ -z "$prove_directory" ] || rm -rf "$prove_directory"
}

count_proved() {
    local kind least most number
    stored_schema
    stored_counts
    proved=''
    while read -r kind number; do
        read -r least most <<<"$(backup_content "$backup" "$kind")"
        { [ "$number" -ge "${least:-0}" ] && [ "$number" -le "${most:-$number}" ]; } ||
            die 65 "'$backup' holds $number $kind where $least were saved; take another"
        proved+="${proved:+, }$number $kind"
    done < <(paste <(printf '%s\n' studies series images files) <(tr '\t' '\n' <<<"$db_rows"))
}
