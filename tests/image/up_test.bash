#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# scripts/up and scripts/down by Docker as a newcomer runs them from a clean clone: up, an image, up again, down, up, found again,
# purge; dcm4chee from a server that is absent, slow, cut short, wrong and right. What a site has in docker-compose.yml and .env is
# not touched by the sandbox, which never takes the place of an archive. Reasons of a failure are said.
here=$DCM_SOURCE/tests
# shellcheck source=tests/lib/docker.bash
. "$here/lib/docker.bash"
image=$DCM_TEST_IMAGE
docker_engine
docker_host=${DOCKER_HOST:-}
docker_find_compose || { (docker_provide) && docker_find_compose; } || docker_skip "no compose"
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$here/lib/mariadb.bash"
# shellcheck source=tests/lib/dicom.bash
. "$here/lib/dicom.bash"
[ -z "$docker_host" ] || export DOCKER_HOST=$docker_host
export DOCKER_BUILDKIT=0 COMPOSE_PROJECT_NAME=dcmtest$$ DCM_TEST_IMAGE=$image
export DCM_HTTP_PORT DCM_DICOM_PORT
DCM_HTTP_PORT=$(free_port)
DCM_DICOM_PORT=$(free_port)
site=$T/site
up=$site/scripts/up down=$site/scripts/down
# called by the trap
# shellcheck disable=SC2317
end() {
  [ -z "${server:-}" ] || kill "$server"
  "$down" --purge >/dev/null 2>&1
  docker image ls --format '{{.Repository}}:{{.Tag}}' | grep "^$COMPOSE_PROJECT_NAME" | xargs -r docker rmi -f >/dev/null
  docker_end
}
trap end EXIT
docker_checkout "$site"
mkdir "$T/today"
echo MYSQL_DATABASE=pacsdb >"$site/.env"
sed -i "s#- \(config\|archive\|database\):/#- $T/today:/#; s/image: dcm4chee/image: $COMPOSE_PROJECT_NAME/" "$site/docker-compose.yml"
# what image/fetch-dist is to download, in the place of dcm4chee
artifact() { # URL
  echo "base $(sha256sum <"$T/www/right" | cut -d' ' -f1) dcm4chee.zip $1" >"$site/image/dist/artifacts"
}
mkdir "$T/www"
printf 'PK of the made-up dcm4chee\n' >"$T/www/right"
artifact http://127.0.0.1:9/dcm4chee.zip

ours() { docker ps -aq --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME-sandbox" | sort; }

begin 'usage'
run "$up" --nope
expect_status 64

begin 'an engine that does not answer, where dcm4chee has been downloaded: no sandbox in its place'
mv "$site/image/fetch-dist" "$T/fetch-dist"
install /bin/true "$site/image/fetch-dist"
run env DOCKER_HOST=unix:///nowhere/docker.sock "$up"
expect_status 69
expect_err_like '^up: Docker is installed, but its engine cannot be used here \(.*\); start it .* scripts/up --native'
mv "$T/fetch-dist" "$site/image/fetch-dist"

begin 'the first start, where dcm4chee cannot be reached'
began=$SECONDS
run "$up"
expect_status 0
expect_err_like 'fetch-dist: cannot reach http://127.0.0.1:9/dcm4chee.zip: .*'
expect_out_like 'dcm4chee cannot be had now \(the line above says why\): this is the sandbox server'
expect_out_like "DICOM +AE title DCM4CHEE, port $DCM_DICOM_PORT"
printf 'scripts/up: %d s\n' $((SECONDS - began))
expect 'it answers' dicom_echo "$DCM_DICOM_PORT"
dicom_make "$T/one.dcm" 'DOE^JANE' 2.25.1
store=$(sed -n 's/^  \(docker exec .*\)/\1/p' "$T/out")
run sh -c "${store/IMAGE.dcm/$T/one.dcm}"
expect_status 0
expect 'the image is found' test "$(dicom_find "$DCM_DICOM_PORT" '*')" = 2.25.1
expect "a site's directories are untouched" test -z "$(ls -A "$T/today")"

begin 'again: changes nothing'
before=$(ours)
began=$SECONDS
run "$up"
expect_status 0
printf 'scripts/up again: %d s\n' $((SECONDS - began))
expect 'the same containers' test "$(ours)" = "$before"

begin 'dcm4chee from a server that is slow, cut short, wrong: said, and the sandbox goes on'
cat >"$T/server.py" <<'EOF_SERVER'
import http.server, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        data = open("right", "rb").read()
        if self.path == "/slow":
            time.sleep(15)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data[:9] if self.path == "/short" else data[::-1] if self.path == "/wrong" else data)
    do_HEAD = do_GET
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
EOF_SERVER
exec 8< <(cd "$T/www" && exec python3 "$T/server.py")
server=$!
read -r port <&8
cannot() { # path, what is said
  artifact "http://127.0.0.1:$port/$1"
  began=$SECONDS
  run "$up"
  expect_status 0
  expect_err_like "fetch-dist: $2"
  expect_out_like 'dcm4chee cannot be had now .*: this is the sandbox server'
  expect 'the same containers' test "$(ours)" = "$before"
  printf 'dcm4chee from a server that is %s: %d s\n' "$1" $((SECONDS - began))
}
cannot slow "cannot reach http://127.0.0.1:$port/slow: "
cannot short 'cannot download dcm4chee.zip; run again to go on where it stopped'
expect 'what came is kept' test "$(wc -c <"$site/image/dist/dcm4chee.zip.part")" = 9
rm "$site/image/dist/dcm4chee.zip.part"
cannot wrong 'dcm4chee.zip: sha256 is [0-9a-f]+, expected [0-9a-f]+'

begin 'down keeps, up finds'
run "$down"
expect_status 0
expect_out_like "^stopped; the sandbox's volumes stay"
expect 'nothing runs' test -z "$(ours)"
run "$up"
expect_status 0
expect 'found' test "$(dicom_find "$DCM_DICOM_PORT" '*')" = 2.25.1
run "$down"

begin 'the drill of docs/backup.md: backed up, purged, restored from what was copied, found'
# docker_find_compose says how: one word or two
# shellcheck disable=SC2086,SC2154
sandbox() { (cd "$site/image/sandbox" && $docker_compose -p "$COMPOSE_PROJECT_NAME-sandbox" "$@" </dev/null); }
images=/opt/dcm4chee/server/default/archive
docker_has mariadb:10.11 || export DCM_DB_IMAGE=dcm-database:10.11
run "$up"
run sandbox exec -T archive /opt/dcm/maintenance/backup
expect_status 0
expect_out_like "^backup: database 'sandbox' .*, configuration, crontab in '/backup/sandbox@database/000001-2"
mkdir "$T/copy"
run sandbox run --rm -T --no-deps -v "$T/copy:/copy" archive cp -a "$images/." /copy
expect_status 0
run sandbox down -v
run sandbox run --rm -T --no-deps -v "$T/copy:/copy:ro" archive cp -a /copy/. "$images"
expect_status 0
run sandbox up -d database
run sandbox run --rm -T archive bash -c 'exec /opt/dcm/maintenance/restore /backup/sandbox@database'
expect_status 0
expect_out_like 'prove-archive: came up in [0-9]+ s, found study 2\.25\.1'
run "$up"
expect 'found again' test "$(dicom_find "$DCM_DICOM_PORT" '*')" = 2.25.1
run "$down"

begin 'a port that is taken is named, and how to choose another'
socat "TCP-LISTEN:$DCM_DICOM_PORT,bind=127.0.0.1,fork,reuseaddr" EXEC:true &
socat=$!
wait_for 5 sh -c "ss -Hltn 'sport = :$DCM_DICOM_PORT' | grep -q ."
run "$up"
expect_status 69
expect_err_like "^up: port $DCM_DICOM_PORT is taken; choose another: DCM_DICOM_PORT=[0-9]+ scripts/up"
kill "$socat"

begin 'purge'
run "$down" --purge
expect_status 0
expect 'no volume stays' test -z "$(docker volume ls -q --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME-sandbox")"
expect "a site's directories are untouched" test -z "$(ls -A "$T/today")"

# The target is the sandbox: a made-up dcm4chee cannot be assembled.
begin 'an image that cannot be assembled: said, and the sandbox starts'
rm "$site/.env"
cp "$DCM_SOURCE/docker-compose.yml" "$site/"
DCM_TEST_IMAGE=$COMPOSE_PROJECT_NAME docker_override "$site"
artifact "http://127.0.0.1:$port/right"
sed -i 's/target: sandbox/target: nowhere/' "$site/docker-compose.override.yml"
run "$up"
expect_status 0
expect_out_like "'docker_do build.* archive' failed; .*: this is the sandbox server"
expect 'it runs' test -n "$(ours)"

begin 'with dcm4chee: docker-compose.yml itself, whose volumes no --purge removes; the sandbox makes way'
volumes() { docker volume ls -q --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" | wc -l; }
rm "$site/image/dist/dcm4chee.zip"
sed -i 's/target: nowhere/target: sandbox/' "$site/docker-compose.override.yml"
run "$up"
expect_status 0
expect_out_like "dcm4chee.zip +1 kB +from http://127.0.0.1:$port"
expect_out_like 'the sandbox is stopped, and makes way; its volumes stay'
expect_out_like 'the archive is up:'
expect_out_like 'web page +http://127.0.0.1:[0-9]+/dcm4chee-web3/'
expect 'the sandbox is gone' test -z "$(ours)"
run dicom_store "$DCM_DICOM_PORT" "$T/one.dcm"
expect_status 0
run "$down" --purge
expect_status 0
expect_out_like "^stopped; the archive's volumes stay"
expect 'the volumes are there' test "$(volumes)" = 3

begin 'what was downloaded is damaged: the archive starts from the image that is there, no sandbox in its place'
echo damage >>"$site/image/dist/dcm4chee.zip"
run "$up"
expect_status 0
expect_out_like 'dcm4chee cannot be had now .*: starting the image that was built before'
expect 'found' test "$(dicom_find "$DCM_DICOM_PORT" '*')" = 2.25.1
run "$down"
docker rmi "$COMPOSE_PROJECT_NAME" >"$T/removed"
run "$up"
expect_status 69
expect_err_like 'up: dcm4chee cannot be had now .*; an archive has run here, so the sandbox does not take its place'
cp "$T/www/right" "$site/image/dist/dcm4chee.zip"
run "$up"
expect_status 0
run "$down"

begin 'a password that is not the one of the database is named at once, in the archive alone or in both'
cp "$site/docker-compose.override.yml" "$T/override.yml"
sed -i 's/MYSQL_DATABASE: sandbox }/MYSQL_DATABASE: sandbox, MYSQL_PASSWORD: other }/' "$site/docker-compose.override.yml"
began=$SECONDS
run "$up"
expect_status 75
expect_out_like "starting: waiting for the database: access denied for user 'pacs' at 'database:3306'; [a-z]+ MYSQL_USER or MYSQL_PASSWORD"
expect_err_like "^up: the archive waits for the database in vain: access denied for user 'pacs' .*; then run scripts/up again$"
printf 'a wrong password of the archive: %d s\n' $((SECONDS - began))
run "$down"
cp "$T/override.yml" "$site/docker-compose.override.yml"
echo MYSQL_PASSWORD=other >"$site/.env"
began=$SECONDS
run "$up"
expect_status 75
expect_err_like "^up: the archive waits for the database in vain: access denied for user 'pacs' .*; then run scripts/up again$"
printf 'another password in .env: %d s\n' $((SECONDS - began))
rm "$site/.env"
run "$up"
expect_status 0
expect 'corrected' test "$(dicom_find "$DCM_DICOM_PORT" '*')" = 2.25.1
run "$down"
docker volume ls -q --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" | xargs docker volume rm >"$T/removed"
finish
