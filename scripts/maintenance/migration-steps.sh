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
    local status=0
    make_scratch
    in_directory deploy regular pacs-mysql-ds.xml >"$scratch/ds.xml" && printf '%s' "$1" >"$scratch/plain" &&
        env -u MYSQL_PASSWORD -u MYSQL_PASSWORD_FILE dcm-configure-db --datasource "$scratch/ds.xml" 2>/dev/null &&
        env -u MYSQL_PASSWORD -u MYSQL_PASSWORD_FILE dcm-configure-db --datasource "$scratch/ds.xml" --password-file "$scratch/plain" --check 2>/dev/null || status=$?
    rm -rf "$scratch"
    return "$status"
}

migrate_crontab_lines() {
    local file=${_DCM_CRONTAB_FILE:-/crontab_file}
    [ -f "$file" ] || return 0
    ! grep -vE '^[[:space:]]*#' "$file" | grep -qE 'pkill|killall' ||
        note warning crontab "a line kills java: it works as before, but cuts associations off; better: /opt/dcm/maintenance/restart-archive"
    ! grep -vE '^[[:space:]]*#' "$file" | grep -qE '/proc/1/fd/[12]' ||
        note ok crontab '> /proc/1/fd/1 works as before, and is not needed any more: output of jobs is in docker logs'
    ! grep -vE '^[[:space:]]*#' "$file" | grep -qE 'mysqldump' ||
        note ok crontab 'mysqldump is there; /opt/dcm/maintenance/backup also verifies, and keeps the configuration'
}

# Its own judgement, with what bin/run.conf makes of JAVA_OPTS.
migrate_java() {
    local options said status=0 ignored
    # shellcheck disable=SC1091
    options=$(set +eu && . "${volume%/server/default}/bin/run.conf" >/dev/null 2>&1 && printf '%s' "$JAVA_OPTS") || options=${JAVA_OPTS:-}
    if ! command -v java >/dev/null; then
        note unknown java 'there is no Java here that could be asked about JAVA_OPTS'
        return
    fi
    read -ra options <<<"${options//$'\n'/ }"
    said=$(timeout 60 java "${options[@]}" -version 2>&1) || status=$?
    ignored=$(sed -nE 's/.*warning: (ignoring option|Option) ([^ ;]+).*/\2/p' <<<"$said" | sort -u | paste -sd' ')
    if [ "$status" != 0 ]; then
        note error java "the image's Java does not start with these options: $(grep -vE '^(Error: A fatal|Error: Could not create)|^$' <<<"$said" | head -n 1); correct JAVA_OPTS"
    elif [ -n "$ignored" ]; then
        note warning java "the image's Java ignores $ignored; take it out of JAVA_OPTS"
    else
        note ok java "the image's Java takes all options"
    fi
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
