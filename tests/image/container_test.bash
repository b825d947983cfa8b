#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The sandbox image in a real engine: one image, one database server, a script of cases per topic.
# container_test.bash [CASE...]
# shellcheck source=tests/image/container.bash
. "$DCM_SOURCE/tests/image/container.bash"
for topic in volumes habits lifecycle supervise; do
  # shellcheck source=/dev/null
  . "$DCM_SOURCE/tests/image/${topic}_cases.bash"
done
# shellcheck disable=SC2034
container_alongside='health cron_output crontab_by_hand database_late cron_restart memory'
container_setup
[ $# -gt 0 ] || mapfile -t all < <(compgen -A function case_)
[ $# -gt 0 ] || set -- "${all[@]#case_}"
container_cases "$@"
