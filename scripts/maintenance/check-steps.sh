# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# What `check` looks at, a function each, and its report. A step that cannot look says so and is no end.
# The script sets json to yes or no, and backups, the directory.

errors=0 warnings=0 lines=()
json_text() {
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"}
    printf '"%s"' "${text//[[:cntrl:]]/ }"
}

note() { # STATE SUBJECT TEXT
    case $1 in
        error) errors=$((errors + 1)) ;;
        warning) warnings=$((warnings + 1)) ;;
    esac
    if [ "$json" = yes ]; then
        lines+=("{\"state\":\"$1\",\"subject\":$(json_text "$2"),\"text\":$(json_text "$3")}")
    else
        printf '%-8s %-11s %s\n' "$1" "$2" "${3//[[:cntrl:]]/ }"
    fi
}

conclude() { # the end of the report, and of the script
    if [ "$json" = yes ]; then
        printf '{"errors":%d,"warnings":%d,"findings":[%s]}\n' "$errors" "$warnings" "$(IFS=, && printf '%s' "${lines[*]}")"
    else
        result "errors: $errors, warnings: $warnings"
    fi
    [ "$errors" = 0 ] || exit 69
}

judge() { # SUBJECT BAD-STATE GOOD-TEXT COMMAND...
    local subject=$1 bad=$2 good=$3 said status=0
    shift 3
    said=$("$@" 2>&1) || status=$?
    if [ "$status" = 0 ]; then
        note ok "$subject" "$good"
        while IFS= read -r said; do
            [ -z "$said" ] || note warning "$subject" "$(last_words "$said")"
        done < <(grep ': warning: ' <<<"$said")
    else
        note "$bad" "$subject" "$(last_words "$said")"
    fi
}

check_datasource() {
    local status=0
    dcm-configure-db --check >/dev/null 2>&1 || status=$?
    case $status in
        0) note ok datasource 'says what the environment says' ;;
        75) note warning datasource 'differs from the environment: the next start changes it; see dcm-configure-db --diff' ;;
        *) judge datasource error '' dcm-configure-db --check ;;
    esac
}

# The sandbox server keeps its images in tables of its own.
is_sandbox() {
    grep -x 'product dcm4chee-sandbox' "$volume/.dcm/marker" >/dev/null 2>&1
}

check_database() {
    if is_sandbox; then
        judge database error 'the login works; the tables are those of the sandbox server' dcm-wait-db --once --log-level warning
        return
    fi
    judge database error 'the login works; schema, driver and archive fit each other' \
        dcm-wait-db --once --require-schema --check-archive "$volume/archive" --log-level warning
}

check_passwords() {
    local rows
    if is_sandbox; then
        note ok passwords "admin's is admin, as in every sandbox server"
        return
    fi
    if ! rows=$(exec 2>/dev/null && db_settings && stored_schema && [ "$schema" = dcm4chee ] &&
        db_sql "SELECT user_id FROM users WHERE passwd IN (TO_BASE64(UNHEX(SHA1(user_id))), TO_BASE64(UNHEX(SHA1('admin'))),
            TO_BASE64(UNHEX(SHA1('user'))))" && printf '%s' "$db_rows"); then
        note unknown passwords 'the table of users cannot be read'
    elif [ -n "$rows" ]; then
        note warning passwords "everybody knows the password of ${rows//$'\n'/, }; change it in the web page, or set DCM_ADMIN_PASSWORD_FILE"
    else
        note ok passwords 'no user of the web page has the one that came with it'
    fi
    ! (db_settings && [ "$db_password" = pacs ]) 2>/dev/null ||
        note warning passwords "the database's is the default; change it there, and set MYSQL_PASSWORD_FILE"
}

check_volume() {
    local said status=0
    said=$(dcm-seed-volume --verify 2>&1) || status=$?
    case $status in
        0) note ok volume 'as the image made it' ;;
        65) note ok volume "differences from the image: $(grep -c . <<<"$said") (dcm-seed-volume --verify lists them)" ;;
        *) note error volume "$(last_words "$said")" ;;
    esac
    said=$(in_directory .dcm regular restore 2>/dev/null | sed -n 's/^phase //p') || said=''
    case $said in
        database | aside | configuration) note error volume "a restore has not finished (phase $said): run the same command again; the archive does not start before" ;;
    esac
}

check_crontab() {
    local file=${_DCM_CRONTAB_FILE:-/crontab_file}
    if [ ! -e "$file" ] && [ ! -L "$file" ]; then
        note warning crontab "there is no '$file', so no job runs, no backup either; mount one (volumes: - ./crontab_file:/crontab_file:ro)"
        return
    fi
    local said line status=0 before=$errors
    said=$(dcm-cron-load --check --log-level warning --log-format text 2>&1) || status=$?
    [ "$status" != 0 ] || note ok crontab 'cron understands it'
    # each line that is wrong, not only how many are
    while IFS= read -r line; do
        case $line in
            *': warning: '*) note warning crontab "$(last_words "$line")" ;;
            *': error: '*) note error crontab "$(last_words "$line")" ;;
        esac
    done <<<"$said"
    # it is not there, or was killed
    if [ "$status" != 0 ] && [ "$errors" = "$before" ]; then
        said=$(last_words "$said")
        note error crontab "${said:-dcm-cron-load --check says nothing} (status $status of dcm-cron-load --check)"
    fi
}

check_archive() {
    local line
    judge archive error "$(dcm-start --health 2>/dev/null | tail -n 1)" dcm-start --health
    # what the start went on in spite of, a crontab that cron did not take among it
    while IFS= read -r line; do
        note error start "$(last_words "$line")"
    done < <(dcm-start --status 2>/dev/null | grep -oE 'dcm-[a-z-]+: error: .*' || :)
}

# One member a line; a signal, or a status that is not 0, is a failure.
check_jobs() {
    local failed
    if [ ! -r /run/dcm/jobs.json ]; then
        note ok jobs 'none has run yet'
        return
    fi
    failed=$(awk '/^ *"name": /{sub(/^ *"name": "/, ""); sub(/",?$/, ""); name = $0} /^ *"(status": [1-9]|signal": )/{print name}' /run/dcm/jobs.json | paste -sd, )
    if [ -n "$failed" ]; then
        note warning jobs "ended with a fault the last time: $failed; see docker logs"
    else
        note ok jobs 'the last results of all are good'
    fi
}

# State 0A listens; 0100007F and ::1 are loopback.
check_ports() {
    local port others=''
    while read -r port; do
        case $port in
            8080 | 8443 | 2575 | "${DCM_HEALTH_PORT:-11112}" | "${DCM_HTTP_PORT:-8080}") ;;
            *) others+=" $port" ;;
        esac
    done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" && $2 !~ /^(0100007F|0B00007F|0000000000000000FFFF00000100007F|00000000000000000000000001000000):/ {sub(/.*:/, "", $2); print $2}' |
        sort -u | while read -r port; do echo $((16#$port)); done | sort -n)
    if [ -n "$others" ]; then
        note warning ports "these listen too:$others; do not publish them"
    else
        note ok ports 'only those of the web page, DICOM and HL7 listen'
    fi
}

check_disks() {
    local said status=0
    said=$("$here/disk-usage" --months 1 2>&1) || status=$?
    case $status in
        0) note ok disks "$(grep '^disk-usage: ' <<<"$said" | tail -n 1 | sed 's/^disk-usage: //')" ;;
        75) note error disks "$(grep 'error: ' <<<"$said" | sed 's/.*error: //')" ;;
        *)
            if is_sandbox; then
                note ok disks "$(human "$(free_bytes "$volume")") free on '$volume'; the sandbox's tables have no dates, so its growth is not told"
            else
                note unknown disks "$(human "$(free_bytes "$volume")") free on '$volume'; how fast it fills cannot be told: $(last_words "${said##*error: }")"
            fi
            ;;
    esac
    [ "$(free_bytes "$volume")" -gt $((200 << 20)) ] || note error disks "less than 200M free on '$volume'; run prune-logs, or add room"
}

check_backups() {
    local into last days
    into=$(db_settings 2>/dev/null && archive_directory "$backups" "$(read_state archive-id)") || into=$backups
    last=$([ ! -d "$into" ] || backups_in "$into" | tail -n 1)
    # of an earlier version
    last=${last:-$([ ! -d "$backups" ] || backups_in "$backups" | tail -n 1)}
    if [ -z "$last" ]; then
        note warning backups "there is none in '$into'; see docs/backup.md"
        return
    fi
    days=$((($(date +%s) - $(date -d "${last: -17:10}" +%s)) / 86400))
    if [ "$days" -gt 2 ]; then
        note warning backups "the last one is $last, $days days old; see docs/backup.md"
    else
        note ok backups "the last one is $last"
    fi
}
