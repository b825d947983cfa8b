# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# An archive and a database for scripts/accept, by Docker alone, under names of their own and on a network without a way out: the copy
# of a site must not send anything to that site's systems. Sets host, dicom_port, http_port, own_address (of this machine, as the
# archive sees it) and inside (the prefix of a command that runs in the archive's container).
accept_name=dcm-accept-$$
accept_label=dcm-accept=$$
brought_up=no
database_client='MYSQL_PWD=$MYSQL_PASSWORD $(command -v mariadb || command -v mysql) --batch -N -h 127.0.0.1 -u "$MYSQL_USER" "$MYSQL_DATABASE"'

bring_up() {
    choose_sources
    brought_up=yes
    printf '# no jobs\n' >"$scratch/crontab_file"
    printf 'MYSQL_DATABASE=pacsdb\nMYSQL_USER=pacs\nMYSQL_PASSWORD=%s\nMYSQL_RANDOM_ROOT_PASSWORD=yes\n' \
        "$(od -An -v -tx1 -N 16 /dev/urandom | tr -d ' \n')" >"$scratch/env"
    [ -z "${DCM_HEALTH_AET:-}" ] || printf 'DCM_HEALTH_AET=%s\n' "$DCM_HEALTH_AET" >>"$scratch/env"
    docker_do network create --internal --label "$accept_label" "$accept_name"
    start_database db database "${schema[@]}"
    [ -z "$dump" ] || load_dump
    inside=(docker exec "$accept_name")
    run_archive "$image"
    locate
    dicom_port=11112 http_port=8080
    own_address=$(docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' "$accept_name")
    wait_up 600 "$accept_name" "${inside[@]}" dcm-start --ready || fail 75 "the archive did not come up: $(last_errors "$accept_name")"
}

run_archive() { # IMAGE [DOCKER-OPTION...]
    local image=$1
    shift
    docker_do run -d --name "$accept_name" "${archive_options[@]}" -e MYSQL_HOST=database "$@" \
        -v "$config_source:/opt/dcm4chee/server/default" -v "$archive_source:/opt/dcm4chee/server/default/archive" \
        -v "$scratch/crontab_file:/crontab_file:ro" "$image"
}

# A container that was started again may have another address
locate() {
    [ "$brought_up" = no ] || host=$(address_of "$accept_name")
}

address_of() { # CONTAINER
    docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"
}

# Sets image_product, schema, config_source, archive_source and archive_options; changes nothing.
choose_sources() {
    docker version >/dev/null 2>&1 || fail 69 'no Docker engine answers; start it, or try an archive that runs: --running'
    docker image inspect "$image" >/dev/null 2>&1 || fail 69 "no image '$image'; build it: docker compose build"
    image_product=$(docker run --rm --network none --entrypoint sed "$image" -n 's/^product //p' /opt/dcm4chee/server/default/.dcm/marker 2>/dev/null) ||
        fail 69 "'$image' is not an image of this toolkit; build it: docker compose build"
    # the sandbox makes its tables itself, and a dump brings those of its site
    schema=()
    { [ "$image_product" != dcm4chee ] || [ -n "$dump" ]; } || schema=(-v "$top/create-mysql.sql:/docker-entrypoint-initdb.d/create-mysql.sql:ro")
    [ -z "$dump" ] || [ -r "$dump" ] || fail 66 "cannot read the dump '$dump'"
    config_source=$accept_name-config archive_source=$accept_name-archive
    if [ -n "$site_volume" ]; then
        [ -d "$site_volume/deploy" ] || fail 66 "'$site_volume' is no copy of server/default: it has no directory deploy"
        config_source=$(realpath -- "$site_volume")
        is_copy "$config_source"
        [ -z "$(ls -A "$config_source/archive" 2>/dev/null)" ] || archive_source=$config_source/archive
    fi
    if [ -n "$site_archive" ]; then
        [ -d "$site_archive" ] || fail 66 "no directory '$site_archive'"
        archive_source=$(realpath -- "$site_archive")
        is_copy "$archive_source"
    fi
    # MYSQL_PORT: the site's own is in the datasource on its volume
    archive_options=(-e MYSQL_PORT=3306 --label "$accept_label" --network "$accept_name" --env-file "$scratch/env" -v "$accept_name-backup:/backup")
}

# What a site works with must not be upgraded, nor get test images. Docker keeps paths as they were given: with links in them.
is_copy() { # DIRECTORY
    local mount volumes
    volumes=$(docker info -f '{{.DockerRootDir}}') || fail 69 "cannot ask Docker where its volumes are"
    [[ $1/ != "$(realpath -m -- "$volumes")"/volumes/* ]] || fail 73 "'$1' is a volume of Docker, no copy of one; copy it first (cp -a) and name the copy"
    mounts_of_docker >"$scratch/mounts" || fail 69 "cannot ask Docker what is in use"
    while IFS= read -r mount; do
        [[ $mount == /* ]] || continue
        mount=$(realpath -m -- "$mount")
        [[ $1/ != "$mount"/* && $mount/ != "$1"/* ]] || fail 73 "'$1' is used by a container ($mount); copy it first (cp -a) and name the copy"
    done <"$scratch/mounts"
}

# Of containers, and directories of the host that are volumes (driver local, o=bind)
mounts_of_docker() {
    local containers volumes
    containers=$(docker ps -aq) && volumes=$(docker volume ls -q) || return
    # one argument each: names have no blanks
    # shellcheck disable=SC2086
    [ -z "$containers" ] || docker inspect -f '{{range .Mounts}}{{.Source}}{{"\n"}}{{end}}' $containers 2>"$scratch/unknown" || only_gone || return
    # shellcheck disable=SC2086
    [ -z "$volumes" ] || docker volume inspect -f '{{with .Options}}{{.device}}{{end}}' $volumes 2>"$scratch/unknown" || only_gone
}

# What was listed a moment ago may have ended meanwhile: that is in nobody's use.
only_gone() {
    [ -s "$scratch/unknown" ] && ! grep -qviE 'no such (object|container|volume)' "$scratch/unknown"
}

docker_do() { # DOCKER-ARGUMENT...: or the end, with docker's words
    local said
    said=$(docker "$@" 2>&1) || fail 69 "docker $1 failed: $(tail -n 1 <<<"$said")"
}

start_database() { # NAME ALIAS [DOCKER-OPTION...]
    local name=$accept_name-$1 alias=$2
    shift 2
    docker_do run -d --name "$name" --label "$accept_label" --network "$accept_name" --network-alias "$alias" --env-file "$scratch/env" "$@" "$db_image"
    wait_up 300 "$name" docker exec "$name" sh -c "$database_client -e 'SELECT 1'" || fail 75 "the database did not come up: $(last_errors "$name")"
}

wait_up() { # SECONDS CONTAINER COMMAND...: until it succeeds; fails when the container ends as well
    local end=$((SECONDS + $1)) name=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] && [ "$(docker inspect -f '{{.State.Running}}' "$name")" = true ] || return 1
        sleep 0.2
    done
}

last_errors() { # CONTAINER
    docker logs "$1" >"$scratch/log" 2>&1
    grep -aE 'warning: |error: | ERROR |\[ERROR\]' "$scratch/log" | tail -n 3 >"$scratch/errors" || tail -n 3 "$scratch/log" >"$scratch/errors"
    paste -sd'|' "$scratch/errors" | sed 's/|/ | /g'
}

load_dump() {
    local open=(cat) said own=study collation
    case $dump in
        *.gz) open=(gzip -dc) ;;
        *.zst) open=(zstd -dcq) ;;
    esac
    # a dump of tables does not have the database's own collation, which whatever is made later takes
    collation=$("${open[@]}" "$dump" 2>/dev/null | sed -n '/^) ENGINE=/{s/.* COLLATE=\([a-z0-9_]*\).*/\1/p;q}') || :
    [ -z "$collation" ] || docker exec "$accept_name-db" sh -c "$database_client -e 'ALTER DATABASE COLLATE $collation'" >/dev/null 2>&1 || :
    # triggers belong to whoever loads them: the site's users are not here
    said=$("${open[@]}" "$dump" | sed -E '/^(\/\*!50003 CREATE\*\/|CREATE DEFINER)/s/DEFINER=`[^`]*`@`[^`]*`//' |
        docker exec -i "$accept_name-db" sh -c "$database_client" 2>&1) || fail 65 "the database did not take '$dump': $(tail -n 1 <<<"$said")"
    [ "$image_product" = dcm4chee ] || own=resources
    said=$(docker exec "$accept_name-db" sh -c "$database_client -e 'SHOW TABLES'" | grep -icx "$own" || :)
    [ "$said" != 0 ] || fail 65 "'$dump' is no dump of this archive's database: it has no table $own"
}

take_away() {
    [ "$brought_up" = yes ] || return 0
    if [ "$keep" = yes ]; then
        printf 'accept: kept: container %s, database %s-db; to remove all of it: %s; %s; %s\n' "$accept_name" "$accept_name" \
            "docker ps -aq --filter label=$accept_label | xargs -r docker rm -fv" \
            "docker volume ls -q --filter name=^$accept_name- | xargs -r docker volume rm" "docker network rm $accept_name"
        return 0
    fi
    docker ps -aq --filter "label=$accept_label" | xargs -r docker rm -fv >/dev/null 2>&1 || :
    docker volume ls -q --filter "name=^$accept_name-" | xargs -r docker volume rm >/dev/null 2>&1 || :
    docker network rm "$accept_name" >/dev/null 2>&1 || :
    docker image rm "$accept_name:next" >/dev/null 2>&1 || :
}
