#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts main.js on a JVM the way JBoss 4.2.3's run.sh starts its own: as a child, again when it ends with 10, else ending with its status.
DIRNAME=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$DIRNAME/run.conf"
while true; do
  # shellcheck disable=SC2086
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" $JAVA_OPTS -Djboss.home.dir="$(dirname "$DIRNAME")" \
    jdk.nashorn.tools.Shell "$DIRNAME/main.js" -- -b "${JBOSS_BIND_ADDR:-0.0.0.0}" "$@"
  STATUS=$?
  [ "$STATUS" -eq 10 ] || exit "$STATUS"
done
