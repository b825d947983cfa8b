# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# What goes into a support bundle, and what is taken out. Secrets travel in files, never in arguments or the environment.

secret_names='PASS|PWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|_KEY$'

# Every value that must not leave the house, one a line: variables with such a name, of this process, of PID 1 and of the jobs; the
# files that *_FILE variables name; passwords in datasources, in URLs and in the configuration.
collect_secrets() {
    {
        { env -0; cat /proc/1/environ 2>/dev/null || :; cat /run/dcm/env 2>/dev/null || :; } | tr '\0' '\n' | secret_values
        find "$volume/deploy" "$volume/conf" "$volume/data" -maxdepth 3 -type f -size -1000k \( -name '*.xml' -o -name '*.properties' \) \
            -exec cat {} + 2>/dev/null | tr -d '\r' | passwords_in
        [ ! -r "${DCM_CRONTAB_FILE:-/crontab_file}" ] || passwords_in <"${DCM_CRONTAB_FILE:-/crontab_file}"
    } | grep -vxE '(pacs|admin|user|changeit|jboss|true|false|)' | awk 'length($0) >= 3' | sort -u | every_form | awk 'NF && !seen[$0]++ {print length($0) "\t" $0}' |
        sort -rn | cut -f2-
}

# NAME=VALUE lines: VALUE of each that is secret, or what is in the file that it names
secret_values() {
    local line name value
    while IFS= read -r line; do
        name=${line%%=*} value=${line#*=}
        [[ $line == *=* && ${name^^} =~ $secret_names|_PASSWORD_FILE ]] || continue
        if [[ $name == *_FILE ]]; then
            # only a secret's file is secret; its name is not
            [ ! -f "$value" ] || { head -c 65536 -- "$value" && echo; } 2>/dev/null
        else
            value=${value#[\"\']}
            printf '%s\n' "${value%[\"\']}"
        fi
    done
}

passwords_in() {
    sed -nE -e 's/.*<password>(.*)<\/password>.*/\1/p' \
        -e "s/.*(name=\"?[A-Za-z.-]*[Pp]assw(or)?d[A-Za-z]*\"?[^>]*>)([^<]+)<.*/\3/p" \
        -e 's/.*[?&;]password=([^&"< ]*).*/\1/p' \
        -e 's/.*:\/\/[^:@\/ ]+:([^@\/ ]+)@.*/\1/p' \
        -e "s/.*([Pp][Aa][Ss][Ss][Ww]?[Oo]?[Rr]?[Dd]|PWD|pwd|TOKEN|token|SECRET|secret)[A-Za-z_.]* *[=:] *[\"']?([^\"' ,;<>]+).*/\2/p"
}

# As it is, and as XML, URL, JSON, shell and base64 write it
every_form() {
    local value url i char hex
    while IFS= read -r value; do
        printf '%s\n' "$value"
        sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' <<<"$value"
        sed "s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g; s/\"/\\&quot;/g; s/'/\\&apos;/g" <<<"$value"
        sed "s/&amp;/\\&/g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&apos;/'/g; s/&amp;/\\&/g" <<<"$value"
        sed 's/\\/\\\\/g; s/"/\\"/g' <<<"$value"
        printf '%q\n' "$value"
        printf '%s\n' "${value//\'/\'\\\'\'}"
        printf '%s' "$value" | base64 -w 0 && echo
        printf '%s\n' "$value" | base64 -w 0 && echo
        url=''
        for ((i = 0; i < ${#value}; i++)); do
            char=${value:i:1}
            case $char in
                [a-zA-Z0-9._~-]) url+=$char ;;
                *) hex=$(printf '%s' "$char" | od -An -v -tx1 | tr ' ' % | tr -d '\n') && url+=${hex^^} ;;
            esac
        done
        printf '%s\n' "$url"
    done
}

# Literal replacement of each line of FILE, the longest first; then whatever looks like a secret, and names in DICOM dumps.
take_out() { # FILE
    tr -d '\000' | awk -v list="$1" '
        BEGIN {while ((getline line < list) > 0) secret[++n] = line}
        {
            for (i = 1; i <= n; i++)
                while ((at = index($0, secret[i])) > 0)
                    $0 = substr($0, 1, at - 1) "***" substr($0, at + length(secret[i]))
            print
        }' | sed -E -e 's/(<password>).*(<\/password>)/\1***\2/' \
        -e 's/(:\/\/[^:@\/ ]+:)[^@\/ ]+@/\1***@/g' \
        -e "s/(([Pp][Aa][Ss][Ss]([Ww][Oo]?[Rr]?[Dd])?|PWD|pwd|TOKEN|token|SECRET|secret)[A-Za-z_.]* *[=:] *[\"']?)[^\"' ,;<>&]+/\1***/g" \
        -e 's/(\((0010|0008),[0-9A-Fa-f]{4}\) (PN|LO|DA|SH|ST|LT|AS|CS|UT)[^[]*\[)[^]]*/\1***/g'
}

leaks() { # SECRETS FILE
    [ -s "$1" ] && grep -qaF -f "$1" -- "$2"
}

said_by() { # COMMAND...: its output and its status, whatever they are
    local status=0
    printf '$ %s\n' "$*"
    timeout 60 "$@" 2>&1 </dev/null || status=$?
    printf '(status %d)\n\n' "$status"
}

collect_into() { # DIR
    local each log
    {
        for each in dcm-seed-volume dcm-configure-db dcm-wait-db dcm-cron-load dcm-start; do
            said_by "$each" --version
        done
        said_by cat /etc/os-release
        said_by uname -a
        said_by java -version
        said_by cat "$volume/.dcm/marker"
    } >"$1/versions"
    # where a setting comes from: the environment; else the default of the table, or what stands in the datasource
    env -0 | sort -z | tr '\0' '\n' | grep -E '^(MYSQL_|DCM_|DCM4CHEE_|JAVA_|TZ=|LANG=)' >"$1/settings-of-the-environment" || :
    cat "$volume/deploy/pacs-mysql-ds.xml" >"$1/datasource" 2>&1 || :
    said_by dcm-configure-db --diff >"$1/datasource-against-environment"
    said_by dcm-start --status >"$1/status"
    said_by dcm-seed-volume --verify >"$1/volume-differences"
    said_by "$here/check" >"$1/check"
    said_by cat "${DCM_CRONTAB_FILE:-/crontab_file}" >"$1/crontab"
    { said_by df -h; said_by cat /proc/self/mountinfo; said_by cat /proc/meminfo; } >"$1/machine"
    { for each in /proc/[0-9]*; do tr '\0' ' ' <"$each/cmdline" 2>/dev/null | sed "s|^|${each#/proc/} |" && echo; done; } >"$1/processes" || :
    [ "$lines" != 0 ] || return 0
    while IFS= read -r log; do
        tail -n "$lines" -- "$log" >"$1/log.${log##*/}" 2>/dev/null || :
    done < <(find "$volume/log" -maxdepth 2 -type f -name '*.log*' -mtime -7 2>/dev/null | sort | head -n 20)
}
