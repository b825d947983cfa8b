# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# The two directions of `verify-archive`: rows to files, files to rows. Both write what they find to $scratch.

read_state() {
    last_key=0 last_unit=''
    [ -r "$state" ] || return 0
    read_number last_key "key in '$state'" "$(sed -n 's/^key=//p' "$state")"
    last_unit=$(sed -n 's/^unit=//p' "$state")
}

write_state() {
    if ! printf 'key=%s\nunit=%s\n' "$1" "$2" >"$state.new" || ! mv -T "$state.new" "$state"; then
        die 74 "cannot write '$state'; name another with --state"
    fi
}

# $scratch/rows: files read, missing ones, last key (0 when it was the end). In portions: an archive has millions.
check_rows() {
    local total=0 key=$last_key portion=5000 rows
    [ "$newest" = no ] || db_sql "SELECT IFNULL(MIN(pk), 1) - 1 FROM ($(stored_files 'f.pk > 0' "1 DESC LIMIT $files")) newest"
    [ "$newest" = no ] || key=$db_rows
    while [ "$total" -lt "$files" ]; do
        [ $((files - total)) -ge "$portion" ] || portion=$((files - total))
        db_sql "$(stored_files "f.pk > $key" "1 LIMIT $portion")"
        printf '%s\n' "$db_rows" >"$scratch/all"
        rows=$(grep -c . "$scratch/all" || :)
        check_portion
        total=$((total + rows))
        [ "$rows" = 0 ] || key=$(tail -n 1 "$scratch/all" | cut -f1)
        [ "$rows" -ge "$portion" ] || key=0
        [ "$newest" = yes ] || write_state "$key" "$last_unit"
        [ "$key" != 0 ] || break
    done
    echo "$total $(grep -c '^lost ' "$scratch/bad" || :) $key" >"$scratch/rows"
}

# What is wrong at first sight may have been moved, compressed or deleted meanwhile: only a row that is still the same counts.
check_portion() {
    compare "$scratch/all" | sort >"$scratch/suspect"
    [ -s "$scratch/suspect" ] || return 0
    db_sql "$(stored_files "f.pk IN ($(cut -f2 "$scratch/suspect" | paste -sd,))" 1)"
    printf '%s\n' "$db_rows" >"$scratch/again"
    compare "$scratch/again" | sort | comm -12 "$scratch/suspect" - | cut -f1,3 | tr '\t' ' ' >>"$scratch/bad"
}

# FILE with rows of stored_files: "KIND<TAB>KEY<TAB>PATH" for each that is not as it should be.
compare() {
    local key directory path md5 bytes file
    : >"$scratch/list"
    : >"$scratch/keys"
    while IFS=$'\t' read -r key directory path md5 bytes; do
        [ -n "$key" ] || continue
        file=$directory/$path
        [[ $file == /* ]] || file=$volume/$file
        if [ ! -f "$file" ]; then
            printf 'lost\t%s\t%s\n' "$key" "$file"
        elif [[ $md5 =~ ^[0-9a-fA-F]{32}$ ]]; then
            printf '%s  %s\n' "${md5,,}" "$file" >>"$scratch/list"
            printf '%s\t%s\n' "$file" "$key" >>"$scratch/keys"
        elif [ "$bytes" != - ] && [ "$(stat -c %s -- "$file" 2>/dev/null)" != "$bytes" ]; then
            printf 'damaged\t%s\t%s\n' "$key" "$file"
        fi
    done <"$1"
    [ -s "$scratch/list" ] || return 0
    md5sum --check --quiet "$scratch/list" 2>/dev/null | sed -n 's/: FAILED.*$//p' >"$scratch/failed" || :
    awk -F '\t' 'NR == FNR {bad[$0]; next} $1 in bad {print "damaged\t" $2 "\t" $1}' "$scratch/failed" "$scratch/keys"
}

# $scratch/tree: files looked at, last unit (empty when it was the end).
check_tree() {
    local directory unit looked=0 last='' root
    db_sql "$(stored_directories_sql)"
    while IFS= read -r directory; do
        root=$(absolute "$directory")
        [ ! -d "$root" ] || find "$root" -mindepth "$unit_depth" -maxdepth "$unit_depth" -type d -printf "%P\n" | sed "s|^|$directory\t|"
    done <<<"$db_rows" | sort >"$scratch/units"
    while IFS=$'\t' read -r directory unit; do
        [[ "$directory $unit" > $last_unit ]] || continue
        if [ "$looked" -ge "$files" ]; then
            echo "$looked $last" >"$scratch/tree"
            return
        fi
        look_through "$directory" "$unit"
        looked=$((looked + $(grep -c . "$scratch/found" || :)))
        last="$directory $unit"
    done <"$scratch/units"
    echo "$looked " >"$scratch/tree"
}

look_through() { # DIRECTORY UNIT
    local root path
    root=$(absolute "$1")
    find "$root/$2" -type f -mmin +60 -printf "$2/%P\n" | sort >"$scratch/found"
    [ -s "$scratch/found" ] || return 0
    db_sql "$(stored_in "$1" "$2")"
    sort <<<"$db_rows" | comm -23 "$scratch/found" - | while IFS= read -r path; do
        [ ! -e "$root/$path" ] || printf 'orphaned %s\n' "$root/$path" >>"$scratch/bad"
    done
}
