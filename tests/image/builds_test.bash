#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two real builds of the target archive and one volume: the later build reaches it, the earlier one leaves it as it is, --rollback takes it
# back. Nobody numbers a build, so none does here.
set -u
for tool in python3 zip; do
  command -v "$tool" >/dev/null || { printf 'skipped: needs %s\n' "$tool"; exit 77; }
done
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
# shellcheck source=tests/image/made_up_dist.bash
. "$DCM_SOURCE/tests/image/made_up_dist.bash"
image=$DCM_TEST_IMAGE-builds
work=$(mktemp -d)
trap 'docker_end; docker image rm -f "$image:one" "$image:two" "$image:again" >/dev/null 2>&1; rm -rf "$work"' EXIT
fail() { printf 'FAILED: %s\n' "$*"; cat "$work/said"; exit 1; }

build() { # TAG [OPTION...] of the distribution as it is now
  local tag=$1
  shift
  cp "$work/dist/"* "$work/members.csv" "$docker_context/image/dist/"
  docker_build archive "$image:$tag" "$@" || {
    grep -F 'Unable to locate package openjdk-8' "$docker_log" >/dev/null && docker_skip "the package mirror has no Java 8"
    tail -n 40 "$docker_log"
    fail "docker build"
  }
}

up() { # TAG [OPTION...]: what a container of that image does to the volume at its start
  docker run --rm --label "$docker_label" --volume "$volume:/opt/dcm4chee/server/default" "$image:$1" dcm-seed-volume "${@:2}" >"$work/said" 2>&1 ||
    fail "dcm-seed-volume ${*:2} of build $1 ended with $?"
}

is() { # FILES of deploy that came with one build only
  [ "$(docker run --rm --label "$docker_label" --volume "$volume:/v" --entrypoint sh "$image:one" -c 'cd /v/deploy && echo only-*')" = "$1" ] ||
    fail "the volume's deploy has not just $1"
}

said() { grep -F -- "$1" "$work/said" >/dev/null || fail "not said: $1"; }
silent() { [ ! -s "$work/said" ] || fail "more is said than nothing"; }

docker_engine
docker_context=$work/context
mkdir "$docker_context"
sed -n 's/^!//p' "$DCM_SOURCE/.dockerignore" | (cd "$DCM_SOURCE" && xargs cp -a --parents --target-directory="$docker_context")
cp "$DCM_SOURCE/.dockerignore" "$docker_context/"
volume=$(docker volume create --label "$docker_label" "builds-$$")

made_up_dist "$work"
add_to dcm4chee-2.18.3-mysql server/default/deploy/only-one.sar one
build one
made_up_dist "$work"
add_to dcm4chee-2.18.3-mysql server/default/deploy/only-two.sar two
build two --build-arg VERSION=the-second

up one
is only-one.sar
up two
said 'to image version the-second of '
said ': 1 added, 0 replaced, 1 removed'
is only-two.sar
up one
said 'used as it is'
[ "$(wc -l <"$work/said")" = 1 ] || fail "an older image takes more than one line"
is only-two.sar
up two
silent
up two --verify
up two --rollback
is only-one.sar
up one
silent
is only-one.sar

# the same content, built later: the same image
build again --build-arg BUILD_TIME=4000000000
up two --on-upgrade merge
is only-two.sar
up again
silent
up two
silent
echo passed
