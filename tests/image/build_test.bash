#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The image that the other tests find in the engine's cache.
# shellcheck source=tests/lib/docker.bash
. "$DCM_SOURCE/tests/lib/docker.bash"
trap docker_end EXIT
docker_engine
docker_sandbox
