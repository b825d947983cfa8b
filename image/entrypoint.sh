#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a container runs: the chain of the five commands, each becoming the next; or, with arguments, those instead.
# Until the first of them listens, a shell as PID 1 would ignore SIGTERM.
trap 'exit 143' TERM
if [ $# -gt 0 ]; then
  exec "$@"
fi
exec dcm-seed-volume -- dcm-configure-db -- dcm-wait-db --preflight -- dcm-cron-load --keep-going -- dcm-start
