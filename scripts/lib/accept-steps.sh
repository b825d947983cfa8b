# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# The steps of scripts/accept: 0 passed, 77 does not apply (the reason on the last line), anything else failed.
steps=(echo store find accents move wado weasis jpeg jpeg2000 hl7 hardening verify restart backup restore check)
aet=${DCM_HEALTH_AET:-DCM4CHEE}
# studies of this run alone
uid=2.25.$(date +%s)$$

product() {
    "${inside[@]}" sh -c 'sed -n "s/^product //p" "${DCM4CHEE_HOME:-/opt/dcm4chee}/server/default/.dcm/marker"'
}

only_dcm4chee() {
    [ "$(product)" != dcm4chee ] && echo "$1" && return 77
    return 0
}

web() { # PATH [CURL-OPTION...]
    local path=$1
    shift
    curl -sS --max-time 60 "$@" "http://$host:$http_port$path"
}

# The PatientName of a study, as UTF-8, by C-FIND
name_of() { # STUDY
    local answer
    answer=$(findscu -aet ACCEPT -aec "$aet" -S -k QueryRetrieveLevel=STUDY -k StudyInstanceUID="$1" -k PatientName -k SpecificCharacterSet \
        "$host" "$dicom_port" 2>&1 | iconv -f "$2" -t UTF-8 | sed -n '/Find Response\|Pending/,$p') || return
    sed -n 's/.*(0010,0010) PN \[\(.*[^ ]\) *\].*/\1/p' <<<"$answer" | tail -n 1
}

image() { # FILE NAME STUDY DICOM-CHARACTER-SET ICONV-NAME
    dicom_make "$1" x "$3" || return
    sed -e "s/^(0010,0010).*/(0010,0010) PN [$2]/; s/^(0010,0020).*/(0010,0020) LO [ACCEPT-${3##*.}]/" \
        -e "/^(0008,0016)/i (0008,0005) CS [$4]" "$1.dump" | iconv -f UTF-8 -t "$5" >"$1.own" && dump2dcm -q "$1.own" "$1"
}

step_echo() {
    echoscu -to 10 -aet ACCEPT -aec "$aet" "$host" "$dicom_port"
}

step_store() {
    image "$scratch/a" 'ACCEPT^PLAIN' "$uid.1" 'ISO_IR 100' ISO-8859-1 && image "$scratch/b" 'NÚÑEZ^MARÍA' "$uid.2" 'ISO_IR 100' ISO-8859-1 &&
        image "$scratch/c" 'PEÑA^JOSÉ' "$uid.3" 'ISO_IR 192' UTF-8 &&
        storescu -v -aet ACCEPT -aec "$aet" "$host" "$dicom_port" "$scratch/a" "$scratch/b" "$scratch/c"
}

step_find() {
    [ "$(name_of "$uid.1" ISO-8859-1)" = 'ACCEPT^PLAIN' ] || { echo "found '$(name_of "$uid.1" ISO-8859-1)'"; return 1; }
}

# Whatever character set the answer is in, the name must read as it was written
step_accents() {
    local study name expected
    for study in "$uid.2 NÚÑEZ^MARÍA" "$uid.3 PEÑA^JOSÉ"; do
        expected=${study#* }
        name=$(name_of "${study% *}" UTF-8 2>/dev/null) || name=''
        [ "$name" = "$expected" ] || name=$(name_of "${study% *}" ISO-8859-1)
        [ "$name" = "$expected" ] || { echo "stored $expected, found $name"; return 1; }
    done
}

# The destination must be known to the archive: a row of its table ae, or the sandbox's list of modalities
register_destination() { # PORT
    if [ "$(product)" = dcm4chee ]; then
        "${inside[@]}" bash -c ". /opt/dcm/maintenance/lib.sh; db_settings
            db_sql \"DELETE FROM ae WHERE aet = 'ACCEPT'; INSERT INTO ae (aet, hostname, port, installed) VALUES ('ACCEPT', '$own_address', $1, 1)\""
    else
        web /modalities/ACCEPT -u admin:admin -X PUT -d "[\"ACCEPT\", \"$own_address\", $1]" --fail
    fi
}

step_move() {
    local port=$((21000 + RANDOM % 8000)) file
    register_destination "$port" && mkdir "$scratch/moved" &&
        movescu -v -aet ACCEPT -aem ACCEPT -aec "$aet" +P "$port" -od "$scratch/moved" -S -k QueryRetrieveLevel=STUDY -k StudyInstanceUID="$uid.1" \
            "$host" "$dicom_port" || return
    file=$(find "$scratch/moved" -type f -print -quit)
    [ -n "$file" ] && dcmdump +P PatientName "$file" | grep -F 'ACCEPT^PLAIN'
}

wado() { # STUDY CONTENT-TYPE FILE
    web "/wado?requestType=WADO&studyUID=$1&seriesUID=$1.1&objectUID=$1.1.1&contentType=$2" --fail -o "$3"
}

step_wado() {
    only_dcm4chee 'the sandbox has no WADO' || return
    wado "$uid.2" application/dicom "$scratch/wado.dcm" && dcmdump +P SOPInstanceUID "$scratch/wado.dcm" | grep -F "$uid.2.1.1"
}

step_weasis() {
    only_dcm4chee 'the sandbox has no viewer' || return
    web "/weasis-pacs-connector/manifest?studyUID=$uid.1" --fail -L --compressed -o "$scratch/manifest" && grep -aF "$uid.1" "$scratch/manifest"
}

step_jpeg() {
    only_dcm4chee 'the sandbox has no WADO' || return
    wado "$uid.1" image/jpeg "$scratch/jpeg" && [ "$(od -An -tx1 -N 3 "$scratch/jpeg" | tr -d ' ')" = ffd8ff ]
}

# Stored in JPEG 2000, and shown: the codec that leaks memory is the one that is tried
step_jpeg2000() {
    only_dcm4chee 'the sandbox has no WADO' || return
    command -v gdcmconv >/dev/null || { echo 'gdcmconv (libgdcm-tools) is not installed'; return 77; }
    image "$scratch/j" 'ACCEPT^J2K' "$uid.4" 'ISO_IR 100' ISO-8859-1 && gdcmconv --j2k "$scratch/j" "$scratch/j2k" &&
        storescu -v -xw -aet ACCEPT -aec "$aet" "$host" "$dicom_port" "$scratch/j2k" && wado "$uid.4" image/jpeg "$scratch/j2k.jpeg" &&
        [ "$(od -An -tx1 -N 3 "$scratch/j2k.jpeg" | tr -d ' ')" = ffd8ff ]
}

# An update of a name by HL7 v2 over MLLP, in ISO 8859-1, from inside: port 2575 is not published
step_hl7() {
    only_dcm4chee 'the sandbox has no HL7' || return
    printf 'MSH|^~\\&|ACCEPT|ACCEPT|DCM4CHEE|DCM4CHEE|20260101120000||ADT^A08|1|P|2.3||||||8859/1\rEVN|A08|20260101120000\rPID|||ACCEPT-1||IBÁÑEZ^INÉS||19700101|F\rPV1||O\r' |
        iconv -f UTF-8 -t ISO-8859-1 >"$scratch/hl7"
    "${inside[@]}" bash -c "exec 3<>/dev/tcp/127.0.0.1/2575
        { printf '\\x0b'; echo $(base64 -w 0 "$scratch/hl7") | base64 -d; printf '\\x1c\\r'; } >&3
        timeout 30 head -c 200 <&3 | tr '\\r' '\\n'" | tee "$scratch/ack" | grep -a '^MSA|AA' || return
    [ "$(name_of "$uid.1" ISO-8859-1)" = 'IBÁÑEZ^INÉS' ] || { echo "after the update: $(name_of "$uid.1" ISO-8859-1)"; return 1; }
}

step_hardening() {
    only_dcm4chee 'the sandbox is not JBoss' || return
    local path code
    for path in /invoker/JMXInvokerServlet /invoker/EJBInvokerServlet /invoker/readonly /status; do
        code=$(web "$path" -o /dev/null -w '%{http_code}')
        [ "$code" = 404 ] || { echo "$path answers $code without a login; see docs/hardening.md"; return 1; }
    done
}

step_verify() {
    maintenance verify-archive --newest
}

# From a checkout as well as from the image
maintenance() {
    "${inside[@]}" bash -c 'for each in /opt/dcm/maintenance "$0"; do [ ! -x "$each/$1" ] || exec "$each/$@"; done; exit 127' "$top/scripts/maintenance" "$@"
}

step_restart() {
    maintenance restart-archive --limit 60 && step_find
}

step_backup() {
    local place=${DCM_ACCEPT_BACKUP:-/backup}
    maintenance backup --to "$place" --keep 0 && maintenance restore --verify \
        "$("${inside[@]}" sh -c 'ls -d "$0"/2*T* | tail -n 1' "$place")"
}

# Onto a new volume and into a new database, beside the archive's files; its own proof is a C-FIND and the files
step_restore() {
    [ "$brought_up" = yes ] || { echo 'not on an archive that runs: docs/backup.md has the drill'; return 77; }
    local status=0
    docker run -d --name "$accept_name-db2" --network "$accept_name" --network-alias database2 --env-file "$scratch/env" "$db_image" >/dev/null &&
        wait_up 300 docker exec "$accept_name-db2" sh -c 'MYSQL_PWD=$MYSQL_PASSWORD $(command -v mariadb || command -v mysql) -h 127.0.0.1 -u pacs pacsdb -e "SELECT 1"' &&
        docker run --rm --name "$accept_name-2" --network "$accept_name" -e MYSQL_HOST=database2 --env-file "$scratch/env" -v "$scratch/backup:/backup" \
            -v "$accept_name-config2:/opt/dcm4chee/server/default" -v "$accept_name-archive:/opt/dcm4chee/server/default/archive" "$image" \
            bash -c 'exec /opt/dcm/maintenance/restore "$(ls -d /backup/2*T* | tail -n 1)"' || status=$?
    docker rm -fv "$accept_name-db2" >/dev/null 2>&1
    docker volume rm "$accept_name-config2" >/dev/null 2>&1
    return "$status"
}

step_check() {
    only_dcm4chee "the sandbox's tables are not the archive's" || return
    maintenance check
}
