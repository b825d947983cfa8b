#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deploy/swarm/stack.yml in a real Swarm of one machine, with the sandbox server on one index: two nodes get ready, what is stored on one
# is found on both, a node that is killed comes back, an update goes through, three nodes and two again, all of it gone, volumes kept.
# Without IPVS, as the comments of the stack say: no published ports, each node is asked by its own address.
# cases are called by name
# shellcheck source=tests/image/container.bash
. "$DCM_SOURCE/tests/image/container.bash"
stack=dcmtest$$
# called by the trap
# shellcheck disable=SC2317
end() {
  docker stack rm "$stack" >/dev/null 2>&1
  local tries=0
  while [ -n "$(docker ps -q --filter "label=com.docker.stack.namespace=$stack")" ] && [ $((tries += 1)) -lt 300 ]; do sleep 0.2; done
  docker ps -aq --filter "label=com.docker.stack.namespace=$stack" | xargs -r docker rm -fv >/dev/null
  docker secret rm "$stack-password" >/dev/null 2>&1
  docker volume ls -q | grep "^$stack" | xargs -r docker volume rm >/dev/null
  container_end
}
trap end EXIT

docker_engine
# Whoever leaves a Swarm takes the name service from all containers of the engine that start again later. So nobody leaves: the tests'
# own engine is in it until it ends.
[ -n "$docker_users" ] || docker_skip "the machine's own engine is not made a node of a Swarm"
docker_sandbox || fail "docker build"
docker_provide_database
[ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = active ] || docker swarm init --advertise-addr 127.0.0.1 >"$work/init" 2>&1 ||
  docker_skip "no Swarm here: $(tail -n 1 "$work/init")"
printf s3cret | docker secret create "$stack-password" - >/dev/null || fail "docker secret"
docker_checkout "$work/site"
file=$work/site/deploy/swarm/stack.yml
echo 'SELECT 1;' >"$work/site/create-mysql.sql"
sed -i -E "s/image: dcm4chee/image: $DCM_TEST_IMAGE/; s/image: mariadb:10.11/image: $docker_database/; s/(MYSQL_DATABASE:).*/\1 sandbox/
  s/pacs_config-/${stack}_config-/; s/^  mysql_password: .*/  mysql_password: { external: true, name: $stack-password }/
  s/endpoint_mode: vip/endpoint_mode: dnsrr/; /^    ports:/,/8080/d; s/delay: 10s/delay: 0s/; s/monitor: 60s/monitor: 5s/" "$file"
deploy() { docker stack deploy --resolve-image never -c "$file" "$stack" >"$work/deploy" 2>&1 || fail "docker stack deploy: $(cat "$work/deploy")"; }

nodes() { docker ps -q --filter "label=com.docker.swarm.service.name=${stack}_archive" --filter health=healthy; }
has_nodes() { [ "$(nodes | wc -l)" = "$1" ]; }
node() { # slot: its container
  docker ps -q --filter "label=com.docker.swarm.service.name=${stack}_archive" --filter "name=${stack}_archive.$1." --filter health=healthy
}
on() { name=$(node "$1"); shift; docker exec -i "$name" "$@"; }
stores() { on "$1" sh -c 'cat >/tmp/i; storescu -aec DCM4CHEE localhost 11112 /tmp/i; status=$?; rm /tmp/i; exit $status' <"$work/$2.dcm" || fail "C-STORE on node $1"; }
finds_on() { # slot, study
  on "$1" </dev/null findscu -aec DCM4CHEE -S -k QueryRetrieveLevel=STUDY -k StudyInstanceUID localhost 11112 >"$work/found" 2>&1
  grep -F "$2" "$work/found" >/dev/null || fail "node $1 ($name) does not find $2: $(cat "$work/found")"
}
step() { printf '%s: %d s\n' "$1" $((SECONDS - began)); began=$SECONDS; }

began=$SECONDS
deploy
wait_until 180 "two nodes are ready" has_nodes 2
step 'two nodes'
[ "$(on 1 hostname </dev/null) $(on 2 hostname </dev/null)" = 'pacs-1 pacs-2' ] || fail "the nodes have other names"
for n in 1 2; do
  dicom_make "$work/$n.dcm" "NODE^$n" "2.25.$n"
  stores "$n" "$n"
done
for n in 1 2; do
  finds_on 1 "2.25.$n"
  finds_on 2 "2.25.$n"
done
step 'stored on each, found on both'

killed=$(node 1)
docker kill "$killed" >/dev/null
replaced() { [ -n "$(node 1)" ] && [ "$(node 1)" != "$killed" ] && has_nodes 2; }
wait_until 120 "the killed node comes back" replaced
finds_on 1 2.25.2
step 'killed, and back'

before=$(nodes | sort)
docker service update --force --detach "${stack}_archive" >/dev/null
# one look at both: of two, the second would miss a node that has just gone, and take the other alone for all
updated() {
  local now
  now=$(nodes | sort)
  [ "$(wc -l <<<"$now")" = 2 ] && [ -z "$(comm -12 <(echo "$now") <(echo "$before"))" ]
}
fewest=2
while ! updated; do
  now=$(nodes | wc -l)
  [ "$now" -ge "$fewest" ] || fewest=$now
  [ $((SECONDS - began)) -lt 240 ] || fail "the update does not end"
  sleep 0.2
done
[ "$fewest" = 1 ] || fail "an update left $fewest nodes"
finds_on 2 2.25.1
step 'updated, one node at a time'

docker service scale --detach "${stack}_archive=3" >/dev/null
wait_until 120 "a third node is ready" has_nodes 3
finds_on 3 2.25.1
docker service scale --detach "${stack}_archive=2" >/dev/null
wait_until 120 "two nodes are left" has_nodes 2
step 'three nodes, and two again'

docker stack rm "$stack" >/dev/null
gone() { [ -z "$(docker ps -q --filter "label=com.docker.stack.namespace=$stack")" ]; }
wait_until 120 "everything ends" gone
for volume in config-1 config-2 archive database; do
  docker volume inspect "${stack}_$volume" >/dev/null || fail "the volume $volume is gone"
done
step 'down, volumes stay'
