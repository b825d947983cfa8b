# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# An archive and a database for scripts/accept, by Docker alone, under names of their own. Sets host, dicom_port, http_port,
# own_address (of this machine, as the archive sees it) and inside (the prefix of a command that runs in the archive's container).
accept_name=dcm-accept-$$
brought_up=no

bring_up() {
    docker image inspect "$image" >/dev/null 2>&1 || fail 69 "no image '$image'; build it: docker compose build"
    brought_up=yes
    local network=$accept_name password volume_source=$accept_name-config
    password=$(od -An -v -tx1 -N 16 /dev/urandom | tr -d ' \n')
    mkdir "$scratch/backup"
    printf '%s' "$password" >"$scratch/password"
    printf '# no jobs\n' >"$scratch/crontab_file"
    docker network create "$network" >/dev/null
    printf 'MYSQL_DATABASE=pacsdb\nMYSQL_USER=pacs\nMYSQL_PASSWORD=%s\nMYSQL_RANDOM_ROOT_PASSWORD=yes\n' "$password" >"$scratch/env"
    docker run -d --name "$accept_name-db" --network "$network" --network-alias database --env-file "$scratch/env" \
        -v "$top/create-mysql.sql:/docker-entrypoint-initdb.d/create-mysql.sql:ro" "$db_image" >/dev/null
    wait_up 300 docker exec "$accept_name-db" sh -c "MYSQL_PWD=\$MYSQL_PASSWORD \$(command -v mariadb || command -v mysql) -h 127.0.0.1 -u pacs pacsdb -e 'SELECT 1'" ||
        fail 75 "the database did not come up: docker logs $accept_name-db"
    [ -z "$dump" ] || load_dump
    [ -z "$site_volume" ] || volume_source=$(realpath -- "$site_volume")
    docker run -d --name "$accept_name" --network "$network" -P -e MYSQL_HOST=database --env-file "$scratch/env" \
        -v "$volume_source:/opt/dcm4chee/server/default" -v "$accept_name-archive:/opt/dcm4chee/server/default/archive" \
        -v "$scratch/crontab_file:/crontab_file:ro" -v "$scratch/backup:/backup" "$image" >/dev/null
    host=127.0.0.1
    dicom_port=$(docker port "$accept_name" 11112/tcp | head -n 1 | sed 's/.*://')
    http_port=$(docker port "$accept_name" 8080/tcp | head -n 1 | sed 's/.*://')
    own_address=$(docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' "$network")
    inside=(docker exec "$accept_name")
    wait_up 600 "${inside[@]}" dcm-start --ready || fail 75 "the archive did not come up: $(docker logs --tail 5 "$accept_name" 2>&1)"
}

wait_up() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 1
    done
}

load_dump() {
    local open=(cat)
    case $dump in
        *.gz) open=(gzip -dc) ;;
        *.zst) open=(zstd -dcq) ;;
    esac
    "${open[@]}" "$dump" | docker exec -i "$accept_name-db" sh -c "MYSQL_PWD=\$MYSQL_PASSWORD \$(command -v mariadb || command -v mysql) -h 127.0.0.1 -u pacs pacsdb" ||
        fail 65 "the database did not take '$dump'"
}

take_away() {
    [ "$brought_up" = yes ] || return 0
    if [ "$keep" = yes ]; then
        printf 'accept: kept: containers %s and %s-db\n' "$accept_name" "$accept_name"
        return 0
    fi
    docker rm -fv "$accept_name" "$accept_name-db" >/dev/null 2>&1 || :
    docker volume rm "$accept_name-config" "$accept_name-archive" >/dev/null 2>&1 || :
    docker network rm "$accept_name" >/dev/null 2>&1 || :
}
