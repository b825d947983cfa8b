#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The targets archive and standalone, built from a made-up distribution whose server runs on Debian's Java 8.
set -u
for tool in curl echoscu mariadbd python3 zic zip; do
  command -v "$tool" >/dev/null || { printf 'skipped: needs %s\n' "$tool"; exit 77; }
done
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$DCM_SOURCE/tests/lib/mariadb.bash"
# shellcheck source=tests/image/standalone.bash
. "$DCM_SOURCE/tests/image/standalone.bash"
# shellcheck source=tests/image/made_up_dist.bash
. "$DCM_SOURCE/tests/image/made_up_dist.bash"
image=$DCM_TEST_IMAGE-archive
work=$(mktemp -d)
trap 'mariadb_stop; docker_end; rm -rf "$work"' EXIT
home=/opt/dcm4chee

build() { # expected status of docker build
  local actual=0
  cp "$work/dist/"* "$work/members.csv" "$docker_context/image/dist/"
  docker_build standalone "$image" || actual=$?
  if grep -F 'Unable to locate package openjdk-8' "$docker_log" >/dev/null; then
    docker_skip "the package mirror has no Java 8"
  fi
  [ "$actual" -eq "$1" ] || { tail -n 40 "$docker_log"; fail "docker build ended with $actual, expected $1"; }
}

built_with() { grep -F -- "$1" "$docker_log" >/dev/null || { tail -n 40 "$docker_log"; fail "docker build does not say: $1"; }; }

# A rejection of the called AE title is an answer.
answers() {
  curl --silent --fail "http://$address:8080/" | grep -F '/dcm4chee-web3/' >/dev/null &&
    echoscu -to 2 -aec DCM4CHEE "$address" 11112 2>&1 | grep -F 'Called AE Title Not Recognized' >/dev/null
}

listens() { # expected
  [ "$(docker_listens "$name")" = "$1" ] || fail "not only $1 listen: $(docker_listens "$name")"
}

java_ended() { docker logs "$name" 2>&1 | grep -Fx "Halting VM"; }

java_got_sigterm() {
  java_ended >/dev/null || fail "the JVM did not shut down by itself"
}

# What JBoss compiles JSPs with reads this Java's class files: types that have default methods there.
compiles_pages() {
  docker exec -i "$name" sh -c 'mkdir /tmp/pages && cd /tmp/pages && cat >Page.java &&
    java -cp /opt/dcm4chee/server/default/deploy/jboss-web.deployer/jasper-jdt.jar org.eclipse.jdt.internal.compiler.batch.Main -1.5 Page.java &&
    java Page' >"$work/page" 2>&1 <<'EOF_JAVA' || fail "the JSP compiler: $(cat "$work/page")"
import java.util.*;
public class Page {
    public static void main(String[] arguments) {
        CharSequence text = "a-b".replace("-", "+");
        Map<String, String> map = new TreeMap<String, String>(new Comparator<String>() {
            public int compare(String one, String other) { return other.compareTo(one); }
        });
        map.put("one", text.toString());
        map.put("two", "c");
        for (Map.Entry<String, String> entry : map.entrySet()) {
            System.out.println(entry.getKey() + "=" + entry.getValue());
        }
    }
}
EOF_JAVA
  [ "$(paste -sd' ' "$work/page")" = 'two=c one=a+b' ] || fail "the JSP compiler's page: $(cat "$work/page")"
}

# The host's zone, mounted as a file in the usual way, is the JVM's as well as the shell's, though a host of another release has other bytes.
the_hosts_zone() {
  docker run --rm --label "$docker_label" --entrypoint cat "$image" /usr/share/zoneinfo/tzdata.zi >"$work/tzdata.zi"
  zic -b slim -d "$work/zones" "$work/tzdata.zi" || fail "zic"
  zone=$work/zones/America/Argentina/Buenos_Aires
}
takes_the_hosts_zone() {
  [ "$(docker exec "$name" date +%z)" = -0300 ] || fail "the shell has not the time of the mounted /etc/localtime"
  docker logs "$name" 2>&1 | grep -F 'zone: America/Argentina/Buenos_Aires' >/dev/null || fail "the JVM has not the zone of the mounted /etc/localtime"
}

# what the made-up server opens, as JBoss does: three ports for clients, its own on loopback
closed='127.0.0.1:4444 127.0.0.1:8009 127.0.0.1:8083 2575 8080 11112'
docker_engine
docker_context=$work/context
mkdir "$docker_context"
sed -n 's/^!//p' "$DCM_SOURCE/.dockerignore" | (cd "$DCM_SOURCE" && xargs cp -a --parents --target-directory="$docker_context")
cp "$DCM_SOURCE/.dockerignore" "$docker_context/"

made_up_dist "$work"
add_to dcm4chee-2.18.3-mysql server/default/lib/dcm4chee.jar tampered
build 65
built_with "'server/default/lib/dcm4chee.jar': sha256 is $(printf tampered | sha256sum | cut -d' ' -f1), expected $(printf code | sha256sum | cut -d' ' -f1)"

made_up_dist "$work"
add_to dcm4chee-2.18.3-mysql server/default/deploy/extra.sar extra
build 0
built_with "warning: 'server/default/deploy/extra.sar' is not in the member list"

# same inputs, same tree, times included: those of the files that the build makes are none of its own
other_times=$(docker run --rm --label "$docker_label" "$image" find /opt/dcm /opt/dcm4chee /opt/java /usr/bin \
  -mindepth 1 '(' -path '/opt/*' -o -name 'dcm-*' -o -name 'mariadb*' ')' '(' -newermt @1735689600 -o ! -newermt @1735689599 ')')
[ -z "$other_times" ] || fail "times of the build: $other_times"

# alone: the database inside, with the archive's tables
the_hosts_zone
start alone --volume "$zone:/etc/localtime:ro"
docker logs "$name" 2>&1 | grep -E 'drawn: 8 [0-9]{3}' >/dev/null || fail "the JRE lacks what it draws with"
[ "$(docker exec "$name" mysql -N -e 'SELECT COUNT(*) FROM study; SELECT COUNT(*) FROM users' pacsdb | paste -sd' ')" = '0 2' ] ||
  fail "the tables and their first rows are not there"
docker exec "$name" dcm-wait-db --once || fail "the login of the datasource does not work"
[ "$(docker exec "$name" dcm-seed-volume --verify | grep -c .)" -le 2 ] || fail "a fresh tree must verify"
docker exec "$name" sh -c 'pgrep -x java' >/dev/null || fail "no JVM runs"
compiles_pages
takes_the_hosts_zone
dictionaries=$(docker exec "$name" dcmsend -v 127.0.0.1 11112 /opt/dcm4chee/bin/run.conf 2>&1 | grep -F .dic || :)
[ -z "$dictionaries" ] || fail "dcmtk in the image: $dictionaries"
listens "127.0.0.1:1099 127.0.0.1:3306 $closed"
stop
java_got_sigterm
stopped_cleanly
docker start "$name" >/dev/null
ready
docker kill --signal KILL "$name" >/dev/null
docker start "$name" >/dev/null
ready
stop

# with MYSQL_HOST: the chain itself is PID 1, the same as target archive
docker network create --label "$docker_label" "test-$$" >/dev/null || exit 1
gateway=$(docker network inspect "test-$$" --format '{{(index .IPAM.Config 0).Gateway}}')
mariadb_start "$work/db" --bind-address="$gateway" || exit 1
mariadb_create pacsdb pacs 's3cret'
mariadb_sql pacsdb <"$DCM_SOURCE/create-mysql.sql"
start elsewhere --network "test-$$" --env MYSQL_HOST="$gateway" --env MYSQL_PORT="$MARIADB_PORT" --env MYSQL_PASSWORD=s3cret \
  --volume "$work/config:$home/server/default"
docker top "$name" -eo pid,comm | grep -F mariadbd && fail "the database inside runs though MYSQL_HOST names another one"
listens "127.0.0.1:1099 $closed"
# a JVM that ends cleanly though nobody asked, by a line of a crontab, does not end the container
docker exec "$name" pkill -15 java
wait_for "the JVM did not end" java_ended
ready
stop
echo passed
