# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The steps of `check --migrate`; each calls note of check-steps.sh.

migrate_volume() {
    local said status=0 owner
    said=$(dcm-seed-volume --plan 2>&1) || status=$?
    if [ "$status" != 0 ]; then
        note error volume "$(last_words "$said")"
        return
    fi
    if [ -e "$volume/.dcm/marker" ]; then
        note ok volume "knows this toolkit already: $(grep -c . <<<"$said" || :) changes planned (dcm-seed-volume --plan)"
    else
        said=$(dcm-seed-volume --plan --on-upgrade merge 2>/dev/null) || said=
        note ok volume "will be adopted: no file of it is overwritten. The image has $(grep -cE '^(add|replace|offer) ' <<<"$said" || :) files that it lacks or has otherwise (dcm-seed-volume --plan --on-upgrade merge; without --plan it brings the missing ones)"
    fi
    owner=$(find "$volume/archive" -type f -printf '%u (%U:%G)\n' -quit 2>/dev/null || :)
    if [ -n "$owner" ]; then
        note ok archive "the DICOM files belong to $owner: no owner is changed, the server runs as one who may read and write them"
    else
        note warning archive "no file is in '$volume/archive'; with a database that knows images the start stops (75) until it is mounted"
    fi
}

# The original put the value through sed into XML: sites wrote \&, \| and &amp; to get it right. Here it is written as it is.
plain_password() {
    sed -e 's/\\\([&|\/\\]\)/\1/g' -e 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g' -e "s/&apos;/'/g" -e 's/&amp;/\&/g'
}

migrate_login() {
    local status=0 plain
    dcm-configure-db --check >/dev/null 2>&1 || status=$?
    case $status in
        0) note ok login 'the variables say what the datasource says' ;;
        75)
            if [ -n "${MYSQL_PASSWORD:-}" ]; then
                plain=$(plain_password <<<"$MYSQL_PASSWORD")
                if [ "$plain" != "$MYSQL_PASSWORD" ] && same_password_as_datasource "$plain"; then
                    note error login "MYSQL_PASSWORD is escaped for the original's sed, and would now be taken as it is written; take the backslashes and entities out (what the datasource holds is the password without them)"
                    return
                fi
            fi
            note warning login 'the start will change the datasource: dcm-configure-db --diff shows what. The variables win; unset, what stands there stays'
            ;;
        *) judge login error '' dcm-configure-db --check ;;
    esac
}

# On a copy, where only the password can differ: nothing else is given
same_password_as_datasource() {
    local copy status=0
    make_scratch
    copy=$scratch
    cp -- "$volume/deploy/pacs-mysql-ds.xml" "$copy/ds.xml" && printf '%s' "$1" >"$copy/plain" &&
        env -u MYSQL_PASSWORD -u MYSQL_PASSWORD_FILE dcm-configure-db --datasource "$copy/ds.xml" 2>/dev/null &&
        env -u MYSQL_PASSWORD -u MYSQL_PASSWORD_FILE dcm-configure-db --datasource "$copy/ds.xml" --password-file "$copy/plain" --check 2>/dev/null || status=$?
    rm -rf "$copy"
    return "$status"
}

migrate_crontab_lines() {
    local file=${DCM_CRONTAB_FILE:-/crontab_file}
    [ -f "$file" ] || return 0
    ! grep -vE '^[[:space:]]*#' "$file" | grep -qE 'pkill|killall' ||
        note warning crontab "a line kills java: it works as before, but cuts associations off; better: /opt/dcm/maintenance/restart-archive"
    ! grep -vE '^[[:space:]]*#' "$file" | grep -qE '/proc/1/fd/[12]' ||
        note ok crontab '> /proc/1/fd/1 works as before, and is not needed any more: output of jobs is in docker logs'
    ! grep -vE '^[[:space:]]*#' "$file" | grep -qE 'mysqldump' ||
        note ok crontab 'mysqldump is there; /opt/dcm/maintenance/backup also verifies, and keeps the configuration'
}

migrate_java() {
    case ${JAVA_OPTS:-} in
        *MaxPermSize*) note warning java 'Java 8 ignores -XX:MaxPermSize with a warning; take it out of JAVA_OPTS' ;;
        *) note ok java 'JAVA_OPTS has nothing that Java 8 does not take' ;;
    esac
}

migrate_tls() {
    local partners
    if ! partners=$(db_settings && stored_schema && [ "$schema" = dcm4chee ] &&
        db_sql "SELECT aet FROM ae WHERE IFNULL(cipher_suites, '') NOT IN ('', '-')" && printf '%s' "$db_rows") 2>/dev/null; then
        note unknown tls 'the database cannot be asked which partners use TLS; Java 8 ends TLS 1.0 and 1.1: old modalities that use them will not connect'
    elif [ -n "$partners" ]; then
        note warning tls "Java 8 ends TLS 1.0 and 1.1: these partners use TLS, try each before: ${partners//$'\n'/, }"
    else
        note ok tls 'no AE uses TLS, so the end of TLS 1.0 and 1.1 in Java 8 concerns only https on port 8443'
    fi
}

# Short and long volume syntax, one per line, as people write it.
environment_of() { # COMPOSE-FILE
    local named=${project:-$(basename "$(dirname "$(realpath -- "$1")")")}
    tr -d '\r' <"$1" | awk -v project="$named" '
        function clean(s) {gsub(/^[ "\047-]+|[ "\047]+$/, "", s); return s}
        function named(name) {services[clean(name)] = 1}
        function set(name, source) {
            if (source !~ /^[.\/~$]/) {external = external "#   " project "_" source ": { external: true }\n"; source = project "_" source}
            print name "=" source
        }
        function mount(source, target) {
            sub(/\/$/, "", target)
            if (target ~ /\/server\/default$/) set("DCM_CONFIG_VOLUME", source)
            else if (target ~ /\/server\/default\/archive$/) {set("DCM_ARCHIVE", source); apart = 1}
            else if (target == "/var/lib/mysql") set("DCM_DB_VOLUME", source)
            else if (target !~ /crontab_file$|docker-entrypoint-initdb/) other = other "#   - " source ":" target "\n"
        }
        /^[ \t]*#/ {next}
        {line = $0; sub(/[ \t]+#.*$/, "", line)}
        line ~ /^ ? ? ? ?[A-Za-z0-9._-]+: *$/ {name = line; sub(/:.*/, "", name); named(name)}
        line ~ /^ *container_name:/ {name = line; sub(/.*container_name: */, "", name); named(name)}
        line ~ /^ *- *["\047]?[A-Za-z0-9._-]+:[A-Za-z0-9._-]*[A-Za-z._-][A-Za-z0-9._-]*["\047]? *$/ {name = line; sub(/.*:/, "", name); named(name)}
        line ~ /^ *image: *["\047]?([^ :]*\/)?(mysql|mysql-server|mariadb|percona)(:[^ ]*)?["\047]? *$/ {sub(/.*image: */, "", line); print "DCM_DB_IMAGE=" clean(line); next}
        line ~ /^ *- *["\047]?([^: ]+:)?[0-9]+:(8080|11112)(\/tcp)?["\047]? *$/ {
            split(clean(line), part, ":"); n = split(clean(line), part, ":"); sub(/\/tcp/, "", part[n])
            print (part[n] == 8080 ? "DCM_HTTP_PORT=" : "DCM_DICOM_PORT=") part[n - 1]; next}
        line ~ /^ *-? *["\047]?(MYSQL_(HOST|PORT|DATABASE|USER)|TZ)["\047]? *[:=]/ {
            line = clean(line); name = line; sub(/["\047]? *[:=].*/, "", name); sub(/^[^:=]*[:=] */, "", line)
            if (!(name in said)) {said[name] = clean(line); if (name != "MYSQL_HOST") print name "=" said[name]}; next}
        line ~ /^ *(- *)?source:/ {sub(/.*source: */, "", line); source = clean(line); next}
        line ~ /^ *(- *)?target:/ {sub(/.*target: */, "", line); if (source != "") mount(source, clean(line)); source = ""; next}
        line ~ /^ *- *["\047]?[^ :]+:\/[^ ]*/ {n = split(clean(line), part, ":"); mount(part[1], part[2])}
        END {
            if (said["MYSQL_HOST"] in services) printf "# MYSQL_HOST=%s was a service of that file; the new one calls its database \"database\"\n", said["MYSQL_HOST"]
            else if ("MYSQL_HOST" in said) print "MYSQL_HOST=" said["MYSQL_HOST"]
            if (!apart) print "# the images are inside the configuration volume, and stay there:\nDCM_ARCHIVE_AT=/unused"
            if (external != "") printf "# under \"volumes:\" at the end of the new docker-compose.yml:\n%s", external
            if (other != "") printf "# mounts of today to add to the service \"archive\":\n%s", other
        }'
}
