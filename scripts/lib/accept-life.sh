# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# Steps of scripts/accept that end, replace or disturb the archive that was brought up for them: what happens to it in years, in minutes.

only_ours() {
    [ "$brought_up" = yes ] && return
    echo 'not on an archive that runs'
    return 77
}

end_archive() { # and with the status of a stop that was asked for
    local status
    docker stop --time 120 "$accept_name" >/dev/null && status=$(docker inspect -f '{{.State.ExitCode}}' "$accept_name") || return
    [ "$status" = 0 ] || { echo "docker stop ended the archive with status $status: $(last_errors "$accept_name")"; return 1; }
}

again() {
    docker start "$accept_name" >/dev/null && answers_again
}

answers_again() {
    wait_up 300 "$accept_name" "${inside[@]}" dcm-start --ready || { echo "the archive did not come up again: $(last_errors "$accept_name")"; return 1; }
    locate
}

replace_archive() { # IMAGE [DOCKER-OPTION...]: another container on the same volumes
    local image=$1
    shift
    docker rm -f "$accept_name" >/dev/null && run_archive "$image" "$@" && answers_again
}

# Stores images of one study while a command runs; $scratch/acknowledged has the UIDs of those that the archive took.
store_under() { # STUDY COMMAND...
    local study=$1 file number sender
    shift
    rm -rf "$scratch/many" && : >"$scratch/sent" && mkdir "$scratch/many" && image "$scratch/many.one" 'ACCEPT^MANY' "$study" 'ISO_IR 100' ISO-8859-1 || return
    for number in $(seq 1000 1299); do
        sed "s/$study\.1\.1/$study.1.$number/; s/^(0020,0013).*/(0020,0013) IS [$number]/" "$scratch/many.one.bytes" >"$scratch/many.dump" &&
            dump2dcm -q "$scratch/many.dump" "$scratch/many/$number" || return
    done
    stdbuf -oL -eL storescu -v --no-halt +sd -aet ACCEPT -aec "$aet" "$host" "$dicom_port" "$scratch/many" >"$scratch/sent" 2>&1 &
    sender=$!
    until [ "$(grep -c 'Response (Success)' "$scratch/sent")" -ge 20 ]; do
        kill -0 "$sender" 2>/dev/null || { echo "only $(grep -c 'Response (Success)' "$scratch/sent") of 300 images were taken: $(tail -n 1 "$scratch/sent")"; return 1; }
        sleep 0.05
    done
    "$@" || return
    wait "$sender" || :
    sed -n 's,.*Sending file: .*/\([0-9]*\)$,\1,p; s/.*Response (Success).*/taken/p' "$scratch/sent" |
        awk -v study="$study" '$1 == "taken" { print study ".1." file; next } { file = $1 }' | sort >"$scratch/acknowledged"
}

# Every image that was acknowledged is found
none_lost() { # STUDY
    findscu -v -to 30 -aet ACCEPT -aec "$aet" -S -k QueryRetrieveLevel=IMAGE -k StudyInstanceUID="$1" -k SeriesInstanceUID="$1.1" -k SOPInstanceUID \
        "$host" "$dicom_port" 2>&1 | tr -d '\0' | sed -n 's/.*(0008,0018) UI \[\([0-9.]*\).*/\1/p' | sort >"$scratch/there"
    local lost
    lost=$(comm -23 "$scratch/acknowledged" "$scratch/there")
    [ -z "$lost" ] || { echo "$(wc -l <<<"$lost") of $(wc -l <"$scratch/acknowledged") acknowledged images are lost, such as $(head -n 1 <<<"$lost"); $server_log"; return 1; }
    echo "note: $(wc -l <"$scratch/acknowledged") of 300 acknowledged meanwhile, none lost"
}

# The database goes away and comes back; the archive takes images again without a restart
step_database() {
    only_ours || return
    store_under "$uid.10" docker restart --time 10 "$accept_name-db" || return
    wait_up 300 "$accept_name-db" docker exec "$accept_name-db" sh -c "$database_client -e 'SELECT 1'" || { echo 'the database did not come up again'; return 1; }
    local end=$((SECONDS + 180)) began=$SECONDS
    until storescu -q -aet ACCEPT -aec "$aet" "$host" "$dicom_port" "$scratch/many/1299" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || { echo "no image is taken 180 s after the database is back; $server_log"; return 1; }
        sleep 1
    done
    none_lost "$uid.10" || return
    echo "note: $(wc -l <"$scratch/acknowledged") of 300 acknowledged meanwhile, none lost; taken again $((SECONDS - began)) s after the database was back"
}

step_stop() {
    only_ours || return
    store_under "$uid.11" end_archive && again && none_lost "$uid.11"
}

# What leaks is measured, and the leak guard answers: a restart in place, while nobody stores
step_memory() {
    only_dcm4chee 'the sandbox has no WADO' || return
    only_ours || return
    local before after limit
    replace_archive "$image" && before=$(resident) && limit=$((before + 20)) && replace_archive "$image" -e DCM_MAX_RSS="${limit}M" &&
        wado_many && after=$(resident) || return
    wait_up 240 "$accept_name" restarted_for_memory || { echo "from $before MB to $after MB, DCM_MAX_RSS=${limit}M, and no restart in four minutes: $(last_errors "$accept_name")"; return 1; }
    answers_again && wado "$uid.4" image/jpeg "$scratch/j2k.jpeg" && whole_jpeg "$scratch/j2k.jpeg" && replace_archive "$image" &&
        echo "note: $before MB at rest, $after MB after 1000 JPEG 2000 images shown; restarted above $limit MB"
}

restarted_for_memory() {
    [[ $("${inside[@]}" dcm-start --status --json | tr -d ' \n') =~ \"restarts\":\{\"count\":[1-9] ]]
}

resident() { # of the JVM, in MB
    "${inside[@]}" sh -c 'awk "/^VmRSS/ { print int(\$2 / 1024) }" "/proc/$(pgrep -x java | head -n 1)/status"'
}

wado_many() {
    local taken
    taken=$(curl -sS --no-progress-meter -Z --parallel-max 4 --max-time 60 -o /dev/null -w '%{http_code}\n' \
        "http://$host:$http_port/wado?requestType=WADO&studyUID=$uid.4&seriesUID=$uid.4.1&objectUID=$uid.4.1.1&contentType=image/jpeg&rows=[101-1100]" | grep -cx 200)
    [ "$taken" = 1000 ] || { echo "WADO answered $taken of 1000 requests; $server_log"; return 1; }
}

# Two archives on one database and one file store
step_nodes() {
    only_dcm4chee 'the sandbox is one node' || return
    only_ours || return
    local one=$host two
    docker_do run -d --name "$accept_name-node" "${archive_options[@]}" -e MYSQL_HOST=database -e DCM_SERVER_PEER_ID=2 \
        -v "$accept_name-node:/opt/dcm4chee/server/default" -v "$archive_source:/opt/dcm4chee/server/default/archive" "$image" &&
        wait_up 300 "$accept_name-node" docker exec "$accept_name-node" dcm-start --ready || { echo "the second node did not come up: $(last_errors "$accept_name-node")"; return 1; }
    two=$(address_of "$accept_name-node")
    image "$scratch/node1" 'ACCEPT^ONE' "$uid.12" 'ISO_IR 100' ISO-8859-1 && image "$scratch/node2" 'ACCEPT^TWO' "$uid.13" 'ISO_IR 100' ISO-8859-1 &&
        storescu -aet ACCEPT -aec "$aet" "$one" "$dicom_port" "$scratch/node1" && storescu -aet ACCEPT -aec "$aet" "$two" "$dicom_port" "$scratch/node2" &&
        expect_name "$uid.13" 'ACCEPT^TWO' "$server_log" && wado "$uid.13" image/jpeg "$scratch/node.jpeg" && whole_jpeg "$scratch/node.jpeg" || return
    host=$two
    expect_name "$uid.12" 'ACCEPT^ONE' "$server_log" && wado "$uid.12" image/jpeg "$scratch/node.jpeg" && whole_jpeg "$scratch/node.jpeg" || return
    docker stop --time 120 "$accept_name-node" >/dev/null
    [ "$(docker inspect -f '{{.State.ExitCode}}' "$accept_name-node")" = 0 ] || { echo "the second node did not end with 0: $(last_errors "$accept_name-node")"; return 1; }
}

# A second build with one file more: up, back (the volume stays), up, and back by --rollback
step_upgrade() {
    only_ours || return
    local next=$accept_name:next added=lib/accept.txt
    next_build "$next" || return
    replace_archive "$next" && has "$added" && replace_archive "$image" && has "$added" && step_accents || return
    replace_archive "$next" && end_archive && on_volume "$next" dcm-seed-volume --rollback && replace_archive "$image" && step_accents || return
    ! has "$added" || { echo "after the rollback $added is still there"; return 1; }
}

next_build() { # TAG
    printf '%s\n' "FROM $image" "RUN cd /opt/dcm4chee/server/default.dist && echo accept >lib/accept.txt && dcm-seed-volume --make-manifest . --product $image_product --image-version 1000000" |
        docker build -q --network none -t "$1" - >"$scratch/build" 2>&1 || { echo "no second build: $(tail -n 1 "$scratch/build")"; return 1; }
}

has() { # PATH
    "${inside[@]}" test -e "/opt/dcm4chee/server/default/$1" || { echo "server/default has no $1: $(last_errors "$accept_name")"; return 1; }
}

on_volume() { # IMAGE COMMAND...: while nothing runs on it
    local image=$1
    shift
    docker run --rm --network none --label "$accept_label" -v "$config_source:/opt/dcm4chee/server/default" \
        -v "$archive_source:/opt/dcm4chee/server/default/archive" "$image" "$@"
}

# The volume becomes one of the original image: no .dcm, all of it root's. The archive runs as root then, without capabilities.
step_adopted() {
    only_ours || return
    [ -z "$site_volume" ] || { echo "the volume is a site's"; return 77; }
    local as
    end_archive && on_volume "$image" sh -c 'cd /opt/dcm4chee/server/default && rm -r .dcm && chown -R 0:0 .' && again || return
    as=$("${inside[@]}" sh -c 'for pid in $(pgrep -f bin/[r]un.sh); do awk "/^(Uid|CapEff):/ { printf \"%s \", \$2 }" "/proc/$pid/status"; done')
    [ "$as" = '0 0000000000000000 ' ] || { echo "the server of an adopted volume does not run as root without capabilities: $as"; return 1; }
    image "$scratch/adopted" 'ACCEPT^ADOPTED' "$uid.14" 'ISO_IR 100' ISO-8859-1 && storescu -v -aet ACCEPT -aec "$aet" "$host" "$dicom_port" "$scratch/adopted" &&
        expect_name "$uid.14" 'ACCEPT^ADOPTED' "$server_log" && step_accents && step_verify
}
