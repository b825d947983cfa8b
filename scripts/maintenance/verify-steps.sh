# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# The two directions of `verify-archive`: rows to files, files to rows. Both write what they find to $scratch. Paths come from a
# database and a tree that the server writes: they are looked at with its rights, and never as more than names.

# Where the last run ended. What does not look like that is taken for the beginning, which costs nothing but time.
read_position() {
    # without a bounded repeat: the C library expands one of thousands into hundreds of megabytes
    local record shape=$'^key=([0-9]{1,18})\nunit=([^[:cntrl:]]*)$'
    last_key=0 last_unit=''
    record=$(read_state verify-archive)
    [[ ${#record} -le 4096 && $record =~ $shape ]] || return 0
    last_key=$((10#${BASH_REMATCH[1]})) last_unit=${BASH_REMATCH[2]}
}

write_position() {
    printf 'key=%s\nunit=%s\n' "$1" "$2" | write_state verify-archive || die 74 "cannot write below '$volume/.dcm/maintenance'; the next run begins anew"
}

# $scratch/rows: files read, missing ones, last key (0 when it was the end). In portions: an archive has millions.
check_rows() {
    local total=0 key=$last_key portion=20000 rows last
    [ "$newest" = no ] || db_sql "SELECT IFNULL(MIN(pk), 1) - 1 FROM ($(stored_files 'f.pk > 0' "1 DESC LIMIT $files")) newest"
    [ "$newest" = no ] || key=$db_rows
    db_sql "SELECT IFNULL(MAX(pk), 0) FROM ($(stored_files TRUE '1 DESC LIMIT 1')) last"
    last=$db_rows
    numbers_only "$key" "$last"
    while [ "$total" -lt "$files" ]; do
        echo "$key $last" >"$scratch/progress"
        [ $((files - total)) -ge "$portion" ] || portion=$((files - total))
        db_rows_to "$scratch/all" "$(stored_files "f.pk > $key" "1 LIMIT $portion")"
        rows=$(wc -l <"$scratch/all")
        check_portion
        total=$((total + rows))
        [ "$rows" = 0 ] || key=$(tail -n 1 "$scratch/all" | cut -f1)
        numbers_only "$key"
        [ "$rows" -ge "$portion" ] || key=0
        [ "$newest" = yes ] || write_position "$key" "$last_unit"
        [ "$key" != 0 ] || break
    done
    echo "$total $(grep -c '^lost ' "$scratch/bad" || :) $key" >"$scratch/rows"
}

measure_rows() {
    cat "$scratch/progress"
} 2>/dev/null

# What is wrong at first sight may have been moved, compressed or deleted meanwhile: only a row that is still the same counts.
check_portion() {
    compare "$scratch/all" | sort >"$scratch/suspect"
    [ -s "$scratch/suspect" ] || return 0
    db_rows_to "$scratch/again" "$(stored_files "f.pk IN ($(cut -f2 "$scratch/suspect" | paste -sd,))" 1)"
    compare "$scratch/again" | sort | comm -12 "$scratch/suspect" - | cut -f1,3 | tr '\t' ' ' >>"$scratch/bad"
}

# FILE with rows of stored_files: "KIND<TAB>KEY<TAB>PATH" for each that is not as it should be.
compare() {
    # the client escapes a backslash, a tab, a newline: such a name goes one by one
    awk -F '\t' -v volume="$volume" -v odd="$scratch/odd" 'BEGIN {printf "" >odd; OFS = "\t"}
        {path = ($2 ~ /^\// ? "" : volume "/") $2 "/" $3}
        path ~ /[\\[:cntrl:]]/ {print $1, path, tolower($4), $5 >odd; next}
        {print $1, path, tolower($4), $5}' "$1" >"$scratch/expected"
    cut -f2 "$scratch/expected" | tr '\n' '\0' |
        as_server find -H -files0-from - -maxdepth 0 -type f -printf '%s\t%p\n' 2>/dev/null >"$scratch/present" || :
    awk -F '\t' -v sums="$scratch/sums" 'BEGIN {printf "" >sums; OFS = "\t"}
        FILENAME == ARGV[1] {size[$2] = $1; next}
        !($2 in size) {print "lost", $1, $2; next}
        length($3) == 32 && $3 !~ /[^0-9a-f]/ {print $3 "  " $2 >sums; next}
        $4 != "-" && $4 != size[$2] {print "damaged", $1, $2}' "$scratch/present" "$scratch/expected"
    if [ -s "$scratch/sums" ]; then
        as_server md5sum --check --quiet <"$scratch/sums" 2>/dev/null | sed -n 's/: FAILED.*$//p' >"$scratch/failed" || :
        awk -F '\t' -v OFS='\t' 'FILENAME == ARGV[1] {bad[$0]; next} $2 in bad {print "damaged", $1, $2}' "$scratch/failed" "$scratch/expected"
    fi
    compare_odd
}

compare_odd() {
    local key path md5 bytes file
    while IFS=$'\t' read -r key path md5 bytes; do
        printf -v file '%b' "$path"
        if ! as_server test -f "$file"; then
            printf 'lost\t%s\t%s\n' "$key" "$path"
        elif [[ $md5 =~ ^[0-9a-f]{32}$ ]]; then
            [ "$(as_server cat -- "$file" 2>/dev/null | md5sum | cut -c1-32)" = "$md5" ] || printf 'damaged\t%s\t%s\n' "$key" "$path"
        elif [ "$bytes" != - ] && [ "$(as_server stat -c %s -- "$file" 2>/dev/null)" != "$bytes" ]; then
            printf 'damaged\t%s\t%s\n' "$key" "$path"
        fi
    done <"$scratch/odd"
}

# What NAS systems leave in a share is nobody's image.
not_housekeeping() {
    local name options=()
    while IFS= read -r name; do
        options+=(-o -name "${name//[\[\]\\?*]/?}")
    done <"$here/housekeeping.list"
    pruned=(-not \( \( "${options[@]:1}" \) -prune \))
}

# $scratch/tree: files looked at, last unit (empty when it was the end).
check_tree() {
    local directory unit looked=0 last='' root pruned
    not_housekeeping
    db_sql "$(stored_directories_sql)"
    while IFS= read -r directory; do
        root=$(absolute "$directory")
        ! as_server test -d "$root" || as_server find "$root" -mindepth 1 -maxdepth "$unit_depth" "${pruned[@]}" -type d -printf "%d %P\n" 2>/dev/null |
            sed -n "s|^$unit_depth ||p" | awk -v directory="$directory" -v OFS='\t' '{print directory, $0}' || :
    done <<<"$db_rows" | sort >"$scratch/units"
    while IFS=$'\t' read -r directory unit; do
        [[ "$directory $unit" > $last_unit ]] || continue
        if [ "$looked" -ge "$files" ]; then
            echo "$looked $last" >"$scratch/tree"
            return
        fi
        look_through "$directory" "$unit"
        looked=$((looked + $(wc -l <"$scratch/found")))
        last="$directory $unit"
    done <"$scratch/units"
    echo "$looked " >"$scratch/tree"
}

look_through() { # DIRECTORY UNIT
    local root path
    root=$(absolute "$1")
    as_server find "$root/$2" "${pruned[@]}" -type f -mmin +60 -printf "$2/%P\n" 2>/dev/null | sort >"$scratch/found" || :
    [ -s "$scratch/found" ] || return 0
    db_rows_to "$scratch/known" "$(stored_in "$1" "$2")"
    sort "$scratch/known" | comm -23 "$scratch/found" - | while IFS= read -r path; do
        ! as_server test -e "$root/$path" || printf 'orphaned %s\n' "$root/$path" >>"$scratch/bad"
    done
}
