# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# The steps of scripts/accept, each in a shell of its own: 0 passed, 77 skipped (the reason on the last line), anything else failed (cause
# and remedy on the last lines). What they share is made before: host, dicom_port, http_port, own_address, inside, scratch, earlier.
steps=(echo site store find accents move wado weasis jpeg lossless jpeg2000 hl7 page hardening console settings jsp title verify restart kept backup
    restore check database nodes memory stop upgrade adopted)
aet=${DCM_HEALTH_AET:-DCM4CHEE}
# studies, patients and a port of this run alone
run=$(date +%s)$$
uid=2.25.$run
move_port=$((21000 + RANDOM % 8000))
# 8 by 8 grey values from 0 to 252, lossless
jpeg2000=$(sed 's/../&\\/g; s/.$//' <<<"ff4fff51002900000000000800000008000000000000000000000008000000080000000000000000000107\
0101ff52000c00000001000204040001ff5c000a4040484850484850ff90000a00000000002f0001ff93df803007ab5090a07fc0f90147da06\
0d010b3d86c07c21c3ea0300221a0f037febffd9")
server_log='see server/default/log/server.log'

marked() { # NAME: what the volume's marker says
    "${inside[@]}" sh -c 'sed -n "s/^$0 //p" "${DCM4CHEE_HOME:-/opt/dcm4chee}/server/default/.dcm/marker"' "$1"
}

product() {
    marked product
}

only_dcm4chee() {
    [ "$(product)" != dcm4chee ] && echo "$1" && return 77
    return 0
}

# What runs a line of bash in the directory of the maintenance scripts: of the image, or else of this checkout
maintenance_shell() { # LINE [ARGUMENT...]
    local line=$1
    shift
    "${inside[@]}" bash -c 'here=/opt/dcm/maintenance; [ -d "$here" ] || here=$0; cd "$here" || exit; '"$line" "$top/scripts/maintenance" "$@"
}

maintenance() { # SCRIPT [ARGUMENT...]
    maintenance_shell 'exec "./$@"' "$@"
}

archive_sql() { # SHELL-WORDS that print SQL, of stored.sh or echo
    maintenance_shell '. ./lib.sh; . ./stored.sh; db_settings; stored_schema; [ -n "$schema" ] || exit 0
        db_sql "$("$@")"; printf "%s\n" "$db_rows"' "$@"
}

newest_study() {
    archive_sql newest_study_sql
}

# A value of a study by C-FIND, as UTF-8; read by the character set that the answer itself names, as a workstation does
found() { # STUDY KEYWORD
    local answers
    answers=$(mktemp -d -p "$scratch") &&
        findscu -to 10 -aet ACCEPT -aec "$aet" -S -X -od "$answers" -k QueryRetrieveLevel=STUDY -k StudyInstanceUID="$1" -k "$2" \
            -k SpecificCharacterSet "$host" "$dicom_port" >/dev/null 2>&1 || return
    [ -f "$answers/rsp0001.dcm" ] || return 0
    dcmdump -q +U8 +P "$2" "$answers/rsp0001.dcm" 2>/dev/null | sed -n 's/^([0-9a-f,]*) .. \[\(.*[^ ]\) *\] *#.*/\1/p'
}

expect_name() { # STUDY NAME REMEDY
    local name
    name=$(found "$1" PatientName) || name=''
    [ "$name" = "$2" ] || { echo "study $1 of '$2': C-FIND answers '${name:-nothing}'; $3"; return 1; }
}

image_text() { # FILE NAME STUDY DICOM-CHARACTER-SET
    dicom_make "$1" x "$3" || return
    sed -e "s/^(0010,0010).*/(0010,0010) PN [$2]/; s/^(0010,0020).*/(0010,0020) LO [ACCEPT-$run-${3##*.}]/" \
        -e "/^(0008,0016)/i (0008,0005) CS [$4]" "$1.dump" >"$1.own"
}

image() { # FILE NAME STUDY DICOM-CHARACTER-SET ICONV-NAME
    image_text "$1" "$2" "$3" "$4" && iconv -f UTF-8 -t "$5" <"$1.own" >"$1.bytes" && dump2dcm -q "$1.bytes" "$1"
}

step_echo() {
    echoscu -to 10 -aet ACCEPT -aec "$aet" "$host" "$dicom_port" && return
    echo "no C-ECHO from AE title $aet on $host:$dicom_port; if the archive has another title, set DCM_HEALTH_AET"
    return 1
}

fetch() { # STUDY DIRECTORY: by C-MOVE; prints how many images of that study came
    mkdir "$2" && register_destination >&2 || return
    movescu -to 10 -aet ACCEPT -aem ACCEPT -aec "$aet" +P "$move_port" -od "$2" -S -k QueryRetrieveLevel=STUDY -k StudyInstanceUID="$1" \
        "$host" "$dicom_port" >&2 || return
    find "$2" -type f -exec dcmdump -q +P StudyInstanceUID {} + | tr -d '\0' | grep -cF "[$1]" || :
}

# What the archive held before: the newest study comes out whole
step_site() {
    [ -n "$earlier" ] || { echo 'the archive held no study'; return 77; }
    local there came
    there=$(found "$earlier" NumberOfStudyRelatedInstances)
    [ -n "$there" ] || { echo "the database's newest study $earlier is not found by C-FIND; $server_log"; return 1; }
    came=$(fetch "$earlier" "$scratch/earlier") || came=0
    [ "$came" = "$there" ] || { echo "of the $there images of study $earlier, $came came by C-MOVE; are its files in the archive directory? $server_log"; return 1; }
}

step_store() {
    image "$scratch/a" 'ACCEPT^PLAIN' "$uid.1" 'ISO_IR 100' ISO-8859-1 && image "$scratch/b" 'NÚÑEZ^MARÍA' "$uid.2" 'ISO_IR 100' ISO-8859-1 &&
        image "$scratch/c" 'PEÑA^JOSÉ' "$uid.3" 'ISO_IR 192' UTF-8 &&
        storescu -v -aet ACCEPT -aec "$aet" "$host" "$dicom_port" "$scratch/a" "$scratch/b" "$scratch/c"
}

step_find() {
    expect_name "$uid.1" 'ACCEPT^PLAIN' "$server_log"
}

step_accents() {
    local remedy='see the character set of its database, and MYSQL_JDBC_PARAMS=useUnicode=true&characterEncoding=UTF-8'
    expect_name "$uid.2" 'NÚÑEZ^MARÍA' "$remedy" && expect_name "$uid.3" 'PEÑA^JOSÉ' "$remedy"
}

# The destination must be known to the archive: a row of its table ae, or the sandbox's list of modalities
register_destination() {
    if [ "$(product)" = dcm4chee ]; then
        archive_sql echo "DELETE FROM ae WHERE aet = 'ACCEPT'; INSERT INTO ae (aet, hostname, port, installed) VALUES ('ACCEPT', '$own_address', $move_port, 1)"
    else
        curl -sS --max-time 60 --fail -u admin:admin -X PUT -d "[\"ACCEPT\", \"$own_address\", $move_port]" "http://$host:$http_port/modalities/ACCEPT"
    fi
}

step_move() {
    local came
    came=$(fetch "$uid.1" "$scratch/moved") || came=0
    [ "$came" = 1 ] || { echo "of 1 image, $came came by C-MOVE to $own_address:$move_port; does a firewall of this machine keep the archive out? $server_log"; return 1; }
    dcmdump +P PatientName "$scratch"/moved/* | grep -F 'ACCEPT^PLAIN'
}

get() { # WHAT PATH FILE
    local code
    code=$(curl -sS --max-time 60 -L -o "$3" -w '%{http_code}' "http://$host:$http_port$2") ||
        { echo "$1: no answer from the web server on $host:$http_port; $server_log"; return 1; }
    [ "$code" = 200 ] || { echo "$1 answers HTTP $code; is it in server/default/deploy? $server_log"; return 1; }
}

wado() { # STUDY CONTENT-TYPE FILE
    get WADO "/wado?requestType=WADO&studyUID=$1&seriesUID=$1.1&objectUID=$1.1.1&contentType=$2" "$3"
}

whole_jpeg() { # FILE
    [ "$(od -An -tx1 -N 3 "$1" | tr -d ' ')" = ffd8ff ] || { echo "WADO sends no JPEG but '$(head -c 60 "$1" | tr -cd '[:print:]')'; $server_log"; return 1; }
    # what follows the end of a JPEG may only be padding
    [[ $(od -An -v -tx1 "$1" | tr -d ' \n') =~ ffd9(00)*$ ]] || { echo "WADO sends a JPEG that is cut off after $(stat -c %s "$1") bytes; $server_log"; return 1; }
}

step_wado() {
    only_dcm4chee 'the sandbox has no WADO' || return
    wado "$uid.2" application/dicom "$scratch/wado.dcm" || return
    [ "$(dcmdump -q +P SOPInstanceUID +P PixelData +L "$scratch/wado.dcm" | sed -n 's/.*\[\(.*\)\].*/\1/p; s/^(7fe0,0010).*# *64, .*/whole/p' | paste -sd' ')" = "$uid.2.1.1 whole" ] ||
        { echo "WADO sends no whole DICOM object $uid.2.1.1; $server_log"; return 1; }
}

# The manifest may come packed; trouble is told in a manifest as well, so only the object itself counts
step_weasis() {
    only_dcm4chee 'the sandbox has no viewer' || return
    "${inside[@]}" sh -c 'test -e "${DCM4CHEE_HOME:-/opt/dcm4chee}/server/default/deploy/weasis-pacs-connector.war"' || { echo 'there is no Weasis in server/default/deploy'; return 77; }
    get 'the Weasis connector' "/weasis-pacs-connector/manifest?studyUID=$uid.1&noGzip" "$scratch/manifest" || return
    if [ "$(od -An -tx1 -N 2 "$scratch/manifest" | tr -d ' ')" = 1f8b ]; then
        gzip -dc <"$scratch/manifest" >"$scratch/manifest.xml"
    else
        cp "$scratch/manifest" "$scratch/manifest.xml"
    fi
    grep -aF "\"$uid.1.1.1\"" "$scratch/manifest.xml" && return
    echo "the Weasis manifest does not have image $uid.1.1.1: '$(grep -aoE 'description="[^"]*"' "$scratch/manifest.xml" | head -n 1)'; does the connector ask AE title $aet? $server_log"
    return 1
}

step_jpeg() {
    only_dcm4chee 'the sandbox has no WADO' || return
    wado "$uid.1" image/jpeg "$scratch/jpeg" && whole_jpeg "$scratch/jpeg"
}

# As many modalities send: JPEG lossless
step_lossless() {
    only_dcm4chee 'the sandbox has no WADO' || return
    image "$scratch/plain" 'ACCEPT^JPEG' "$uid.5" 'ISO_IR 100' ISO-8859-1 && dcmcjpeg -q +e1 "$scratch/plain" "$scratch/lossless" &&
        storescu -v -xs -aet ACCEPT -aec "$aet" "$host" "$dicom_port" "$scratch/lossless" ||
        { echo 'no image in JPEG lossless is taken; is it among the accepted transfer syntaxes of the StoreScp service?'; return 1; }
    wado "$uid.5" image/jpeg "$scratch/lossless.jpeg" && whole_jpeg "$scratch/lossless.jpeg"
}

# Stored in JPEG 2000, and shown: the codec that leaks memory is the one that is tried
step_jpeg2000() {
    only_dcm4chee 'the sandbox has no WADO' || return
    image_jpeg2000 "$scratch/j2k" "$uid.4" || return
    storescu -v -xv -aet ACCEPT -aec "$aet" "$host" "$dicom_port" "$scratch/j2k" ||
        { echo 'no image in JPEG 2000 (lossless) is taken; is it among the accepted transfer syntaxes of the StoreScp service?'; return 1; }
    wado "$uid.4" image/jpeg "$scratch/j2k.jpeg" && whole_jpeg "$scratch/j2k.jpeg"
}

image_jpeg2000() { # FILE STUDY
    image_text "$1" 'ACCEPT^J2K' "$2" 'ISO_IR 100' &&
        sed -i -e 's/^(0002,0010).*/(0002,0010) UI =JPEG2000LosslessOnly/' -e '/^(7fe0,0010)/d' "$1.own" &&
        printf '%s\n' '(7fe0,0010) OB (PixelSequence #=2)' '  (fffe,e000) pi (no value available)' "  (fffe,e000) pi $jpeg2000" \
            '(fffe,e0dd) na (SequenceDelimitationItem)' >>"$1.own" && dump2dcm -q "$1.own" "$1"
}

# An update of a name by HL7 v2 over MLLP, in ISO 8859-1, from inside: port 2575 is not published
step_hl7() {
    only_dcm4chee 'the sandbox has no HL7' || return
    local said
    said=$(printf 'MSH|^~\\&|ACCEPT|ACCEPT|DCM4CHEE|DCM4CHEE|20260101120000||ADT^A08|%s|P|2.3||||||8859/1\rEVN|A08|20260101120000\rPID|||ACCEPT-%s-1||IBÁÑEZ^INÉS||19700101|F\rPV1||O\r' \
        "$run" "$run" | iconv -f UTF-8 -t ISO-8859-1 | base64 -w 0 |
        "${inside[@]}" bash -c "exec 3<>/dev/tcp/127.0.0.1/2575 || exit 69; { printf '\\x0b'; base64 -d <<<$(cat); printf '\\x1c\\r'; } >&3
            IFS= read -r -t 30 -d \$'\\x1c' -u 3 answer; tr '\\r' '\\n' <<<\"\$answer\"" 2>&1) ||
        { echo "nothing answers HL7 on port 2575: $said; is dcm4chee-hl7 in server/default/deploy?"; return 1; }
    grep -aE '^MSA\|AA' <<<"$said" || { echo "HL7: no acknowledgement of the update but '$(grep -a '^MSA' <<<"$said" || echo "${said:-silence}")'; $server_log"; return 1; }
    expect_name "$uid.1" 'IBÁÑEZ^INÉS' 'the update came by HL7 in ISO 8859-1: see the character set of the HL7 service'
}

step_hardening() {
    only_dcm4chee 'the sandbox is not JBoss' || return
    local path code
    for path in /invoker/JMXInvokerServlet /invoker/EJBInvokerServlet /invoker/readonly /status; do
        code=$(curl -sS --max-time 60 -o /dev/null -w '%{http_code}' "http://$host:$http_port$path")
        [ "$code" = 404 ] || exposed "$path answers HTTP $code without a login" || return
    done
}

step_verify() {
    maintenance verify-archive --newest
}

step_restart() {
    maintenance restart-archive --limit 60 && step_accents
}

step_backup() {
    local place=${_DCM_ACCEPT_BACKUP:-/backup}
    maintenance backup --to "$place" --keep 0 && maintenance restore --verify \
        "$("${inside[@]}" sh -c 'ls -dt "$0"/*@*/0* | head -n 1' "$place")"
}

# Onto a new volume and into a new database, beside the archive's files; its own proof is a C-FIND and the files
step_restore() {
    [ "$brought_up" = yes ] || { echo 'not on an archive that runs: docs/backup.md has the drill'; return 77; }
    start_database db2 database2
    docker run --rm --name "$accept_name-2" "${archive_options[@]}" -e MYSQL_HOST=database2 -v "$accept_name-config2:/opt/dcm4chee/server/default" \
        -v "$archive_source:/opt/dcm4chee/server/default/archive" "$image" \
        bash -c 'exec /opt/dcm/maintenance/restore "$(ls -dt /backup/*@*/0* | head -n 1)"'
}

step_check() {
    maintenance check
}
