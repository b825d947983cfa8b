#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dcm-cron-load --next says what a real cron does where the clock is put forward and back: cron runs ninety times as fast
# (libfaketime) through both nights, and every job must have run as often as was said.
# shellcheck disable=SC2016,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/../cli/harness.bash"
faketime=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
[ -n "$faketime" ] || skip 'needs faketime'
[ -e /usr/share/zoneinfo/Europe/Madrid ] || skip 'needs tzdata'
export TZ=Europe/Madrid
schedules=('*/20 * * * *' '30 2 * * *' '0 3 * * *' '5 3 * * *' '15 * * * *' '2 2-3 * * *' '*/30 2 * * *' '0 2 * * *')

# night NAME START: cron from then on, every job leaving a line per run in $T/NAME/NUMBER and every minute one in ticks
night() {
  mkdir "$T/$1"
  { printf '* * * * * echo >>%s/ticks\n' "$T/$1"
    for i in "${!schedules[@]}"; do printf '%s echo >>%s\n' "${schedules[i]}" "$T/$1/$i"; done; } >"$T/$1/table"
  unshare -m sh -c 'mount -t tmpfs run /run && mount -t tmpfs spool /var/spool/cron && mkdir -m 1730 /var/spool/cron/crontabs &&
    chgrp crontab /var/spool/cron/crontabs && crontab "$1" && exec env LD_PRELOAD="$2" FAKETIME="@$3 x90" cron -f' sh \
    "$T/$1/table" "$faketime" "$2" </dev/null >"$T/$1/log" 2>&1 &
}

# said NUMBER START END: how often --next has the job between them
said() {
  local file=$T/$2.$1 end
  end=$(date -d "$3" +%s)
  printf '%s x\n' "${schedules[$1]}" >"$file"
  LD_PRELOAD=$faketime FAKETIME=$2 dcm-cron-load --file "$file" --next 20 2>/dev/null | sed -n 's/^  //p' |
    while read -r time; do [ "$(date -d "$time" +%s)" -gt "$end" ] || echo; done | wc -l
}
ran() { wc -l 2>/dev/null <"$1" || echo 0; }
has_run() { [ "$(ran "$1")" -ge "$2" ]; }

compare() { # NAME START END MINUTES
  begin "$1"
  local wanted=()
  for i in "${!schedules[@]}"; do wanted[i]=$(said "$i" "$2" "$3"); done
  wait_for 200 has_run "$T/$1/ticks" "$4"
  for i in "${!schedules[@]}"; do
    wait_for 2 has_run "$T/$1/$i" "${wanted[i]}"
    expect "${schedules[i]}: ran $(ran "$T/$1/$i") times, said ${wanted[i]}" test "$(ran "$T/$1/$i")" = "${wanted[i]}"
  done
}
night forward '2026-03-29 01:57:50'
compare forward '2026-03-29 01:57:50' '2026-03-29 03:08:30 CEST' 11
night back '2026-10-25 01:57:50'
compare back '2026-10-25 01:57:50' '2026-10-25 03:08:30 CET' 131
for job in $(jobs -p); do kill "$job"; done

finish
