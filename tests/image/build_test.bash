#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the other tests share and find: image, database image, compose. Here, since they run at the same time.
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
trap docker_end EXIT
docker_engine
docker_sandbox || exit 1
docker_provide_database
docker_find_compose || (docker_provide) || :
