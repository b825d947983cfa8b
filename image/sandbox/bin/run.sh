#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts the sandbox server the way JBoss 4.2.3's run.sh starts its JVM: as a child (no exec, so that a SIGTERM to this shell
# never reaches the server), again when it ends with 10, otherwise ending with its status.
DIRNAME=$(dirname "$0")
PROGNAME=$(basename "$0")

if [ -z "$RUN_CONF" ]; then
    RUN_CONF="$DIRNAME/run.conf"
fi
if [ -r "$RUN_CONF" ]; then
    # shellcheck source=image/sandbox/bin/run.conf
    . "$RUN_CONF"
fi
if [ -z "$JBOSS_HOME" ]; then
    JBOSS_HOME=$(cd "$DIRNAME/.." && pwd)
fi
export JBOSS_HOME
if [ -z "$JBOSS_BIND_ADDR" ]; then
    JBOSS_BIND_ADDR=0.0.0.0
fi

while true; do
    # JAVA_OPTS is a list of words, as in JBoss's own script
    # shellcheck disable=SC2086
    "$JBOSS_HOME/bin/sandbox-server" $JAVA_OPTS -b "$JBOSS_BIND_ADDR" "$@"
    STATUS=$?
    if [ "$STATUS" -ne 10 ]; then
        exit "$STATUS"
    fi
    echo "$PROGNAME: restarting the server"
done
