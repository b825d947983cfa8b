# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced first by tests that need cron: goes on in PID and mount namespaces of their own, with an empty /run, cron spool
# and /var/backups, so that the machine's crontab and cron are never touched. Skips (77) where that cannot be had.
if [ "${DCM_TEST_PRIVATE:-}" != 1 ]; then
  if [ "$(id -u)" != 0 ] || ! unshare -m -p -f --mount-proc true 2>/dev/null; then
    printf 'skipped: needs root and namespaces\n'
    exit 77
  fi
  command -v crontab >/dev/null || { printf 'skipped: needs cron\n'; exit 77; }
  exec env DCM_TEST_PRIVATE=1 unshare -m -p -f --mount-proc --kill-child bash "$0" "$@"
fi
mount -t tmpfs spool /var/spool/cron && mkdir -m 1730 /var/spool/cron/crontabs && chgrp crontab /var/spool/cron/crontabs &&
  mount -t tmpfs run /run && mount -t tmpfs backups /var/backups || exit 1
