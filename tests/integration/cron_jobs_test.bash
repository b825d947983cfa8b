#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jobs of a real cron under dcm-start as PID 1. Cron's clock runs thirty times as fast (libfaketime: a minute lasts two
# seconds); beside that one container lives on real time. What jobs see, what the log gets, what goes on record.
# shellcheck disable=SC2016,SC2217,SC2317
# shellcheck source=tests/lib/private.bash
. "$DCM_SOURCE/tests/lib/private.bash"
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/../cli/harness.bash"
# The wrapper `faketime` would stay as a process between dcm-start and cron.
faketime=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
[ -n "$faketime" ] || skip 'needs faketime'
chmod 755 "$T"
mkdir -p "$T/bin" "$T/slow/bin" "$T/slow/server/default"
printf '#!/bin/sh\ntrap "kill \\$p; exit 0" TERM\nsleep 100000 & p=$!\nwait\n' >"$T/slow/bin/run.sh"
# The jobs' own time stays real: cron gives them no LD_PRELOAD.
printf '#!/bin/sh\nLD_PRELOAD=%s FAKETIME="@2026-03-02 10:00:50 x30" exec /usr/sbin/cron "$@"\n' "$faketime" >"$T/bin/cron"
chmod +x "$T/slow/bin/run.sh" "$T/bin/cron"
table=$T/crontab

# container NAME [VARIABLE=VALUE...]: the end of the chain as PID 1, as in a container; its log is $T/NAME.log
container() {
  local log=$T/$1.log
  shift
  mkfifo "$log.pipe"
  grep -avxE --line-buffered '\[flock\] y+' "$log.pipe" >"$log" &
  env _DCM_CRONTAB_FILE="$table" DCM4CHEE_HOME="$T/slow" "$@" unshare -p -f --mount-proc --kill-child \
    dcm-cron-load --keep-going -- dcm-start </dev/null >"$log.pipe" 2>&1 &
  outer=$!
  wait_for 10 pgrep -P "$outer" -x dcm-start
  inner=$(pgrep -P "$outer" -x dcm-start)
}
end_container() {
  kill -TERM "$inner"
  wait "$outer"
  status=$?
}
says() { grep -qE -- "$2" "$T/$1.log"; }
result() { # JOB FIELD
  jq -r --arg job "$1" ".jobs[] | select(.name == \$job) | .$2" /run/dcm/jobs.json
}
has_result() { [ "$(result "$1" "$2" 2>/dev/null)" = "$3" ]; }

begin 'one container on real time begins here, and is looked at last'
cat >"$table" <<'EOF'
* * * * * echo real $MYSQL_HOST; exit 4
EOF
PATH=${PATH#"$T/bin:"}
unshare -m sh -c 'mount -t tmpfs run /run && mount -t tmpfs spool /var/spool/cron && mkdir -m 1730 /var/spool/cron/crontabs &&
  chgrp crontab /var/spool/cron/crontabs && exec "$@"' sh \
  env _DCM_CRONTAB_FILE="$T/real" DCM4CHEE_HOME="$T/slow" MYSQL_HOST=here unshare -p -f --mount-proc --kill-child \
  dcm-cron-load --keep-going -- dcm-start </dev/null >"$T/real.log" 2>&1 &
real=$!
mv "$table" "$T/real"
PATH=$T/bin:$PATH

job() { # NAME LINE...: a script of that name for the table
  local name=$1
  shift
  { printf '#!/bin/sh\n'; printf '%s\n' "$@"; } >"$T/jobs/$name"
  chmod +x "$T/jobs/$name"
}
mkdir "$T/jobs"
job failing 'echo going down; exit 3'
job daemon '(sleep 3; echo late; sleep 900) &' 'echo early'
job zombies "perl -e 'for (1..500) { exit 0 unless fork } sleep 1; print qq(zombies\\n)'"
cat >"$table" <<EOF
* * * * * echo "host=\$MYSQL_HOST password=\$MYSQL_PASSWORD own=\$OWN shell=\$SHELL home=\$HOME"; echo "path=\$PATH"
OWN='set here'
MYSQL_HOST=other
* * * * * /bin/echo "host=\$MYSQL_HOST own=\$OWN"
PATH=/usr/bin:/bin
* * * * * printenv PATH; date +\%Y > /dev/null; cat%one%two
* * * * * $T/jobs/failing
* * * * * kill -9 \$\$
* * * * * (echo old out; echo old err >&2) > /proc/1/fd/1 2>/proc/1/fd/2
* * * * * $T/jobs/daemon
* * * * * $T/jobs/zombies
SHELL=/bin/bash
* * * * * bash_says() { echo "bash \$BASH_VERSION"; }; bash_says; [[ 1 == 1 ]] && echo on stderr >&2
SHELL=/bin/no-such-shell
* * * * * noshell
EOF
job forger "perl -e '
  open my \$shell, \"<\", \"/proc/\" . getppid() . \"/fd/9\" or print \"closed\\n\";
  open my \$log, \">&=\", 9 or print \"not inherited\\n\"; syswrite \$log, \"[backup] verified\\n\"'"
printf '* * * * * %s\n' "$T/jobs/forger" >"$T/nobody"
printf '* * * * * echo "nobody host=$MYSQL_HOST password=$MYSQL_PASSWORD file=$MYSQL_PASSWORD_FILE"; exit 5\n' >>"$T/nobody"
container fast MYSQL_HOST=db MYSQL_PASSWORD=geheim S3_URL=https://u:geheim@host/x
expect 'loads for another user' dcm-cron-load --file "$T/nobody" --user nobody

begin 'the environment of the container reaches root, what the crontab sets wins'
wait_for 30 says fast '^\[echo\] path='
expect 'all of it' says fast '^\[echo\] host=db password=geheim own= shell=/bin/sh home=/root$'
expect 'the PATH' says fast "^\[echo\] path=$T/bin:.*/usr/bin"
wait_for 10 says fast '^\[echo\] host=other own=set here$'
wait_for 10 says fast '^\[printenv\] /usr/bin:/bin$'

begin 'percent signs and standard input stay as cron has them'
wait_for 10 says fast '^\[printenv\] one$'
wait_for 10 says fast '^\[printenv\] two$'

begin 'the shell that the crontab names, stdout and stderr'
wait_for 10 says fast '^\[bash_says__\] bash [0-9]'
wait_for 10 says fast '^\[bash_says__\] on stderr$'

begin 'failures are named with their status'
wait_for 10 says fast "^dcm-start: warning: job 'failing' of user root failed: exit status 3 after"
wait_for 10 says fast "^dcm-start: warning: job 'kill' of user root failed: killed by signal 9 \(Killed\) after"
wait_for 10 says fast "^dcm-job-shell: error: cannot run '/bin/no-such-shell'"
wait_for 10 says fast "^dcm-start: warning: job 'noshell' of user root failed: exit status 127"
wait_for 10 has_result failing status 3
wait_for 10 has_result kill signal 9

begin 'old lines with /proc/1/fd keep working'
wait_for 10 says fast '^old out$'
wait_for 10 says fast '^old err$'
wait_for 10 has_result _echo status 0

begin 'another user: the environment without secrets'
wait_for 10 says fast '^\[nobody/echo\] nobody host=db password= file=$'
wait_for 10 says fast "job 'echo' of user nobody failed: exit status 5"
wait_for 10 says fast '^\[nobody/forger\] closed$'
wait_for 10 says fast '^\[nobody/forger\] not inherited$'
expect 'no line of another' test "$(grep -c 'verified' "$T/fast.log")" = 0
expect 'the secret is for root only' test "$(stat -c %a /run/dcm/env)" = 600
expect 'no secret for all' sh -c '! grep -q geheim /run/dcm/env.public'
expect 'the rest for all' grep -q '^MYSQL_HOST=db' -z /run/dcm/env.public

begin 'a job that leaves a daemon with its output open: the record does not wait, the output still comes'
wait_for 20 has_result daemon status 0
wait_for 20 says fast '^\[daemon\] early$'
wait_for 20 says fast '^\[daemon\] late$'

begin '500 zombies'
wait_for 30 has_result zombies status 0
wait_for 30 says fast '^\[zombies\] zombies$'

end_container
expect_status 0
expect 'every line has a prefix of ours or is an old one' \
  test -z "$(grep -vE '^(\[(nobody/)?[A-Za-z0-9._+@-]+\] |dcm-[a-z-]+: |old (out|err)$)' "$T/fast.log")"

begin 'lines stay whole when jobs write at the same time, and a flood does not make PID 1 grow or deaf'
: >"$table"
for name in a b c; do
  job $name "$(printf 'i=0; while [ $i -lt 3000 ]; do echo "line $i %0300d end"; i=$((i + 1)); done' 7)"
  printf '* * * * * %s\n' "$T/jobs/$name" >>"$table"
done
job flood 'yes "$(head -c 200 /dev/zero | tr "\0" y)" | head -c 300000000'
printf '* * * * * flock -n %s %s\n' "$T/lock" "$T/jobs/flood" >>"$table" # a run that finds it held ends with 1
rm -f /run/dcm/jobs.json
crontab -u nobody -r
container flood
wait_for 60 has_result flock status 0
printf 'a flood of 300 MB took %s ms\n' "$(result flock duration_ms)"
for name in a b c; do wait_for 60 has_result $name failures 0; done
kib() { awk -v field="$1:" '$1 == field { print $2 }' "/proc/$inner/status"; }
expect "small (RssAnon $(kib RssAnon) kB)" test "$(kib RssAnon)" -le 1024
end_container
expect_status 0
expect 'all lines whole' test -z "$(grep -vE '^(\[[abc]\] line [0-9]+ 0+7 end|dcm-.*)$' "$T/flood.log" | head -n 3)"
expect 'all there' test "$(grep -cE '^\[a\] line ' "$T/flood.log")" -ge 3000

begin 'nobody reads the log: jobs wait, a stop comes through'
printf '* * * * * yes\n' >"$table"
mkfifo "$T/stuck.pipe"
sleep 1000 <"$T/stuck.pipe" &
holder=$!
env _DCM_CRONTAB_FILE="$table" DCM4CHEE_HOME="$T/slow" unshare -p -f --mount-proc --kill-child dcm-cron-load --keep-going -- dcm-start \
  </dev/null >"$T/stuck.pipe" 2>"$T/stuck.log" &
outer=$!
wait_for 10 pgrep -P "$outer" -x dcm-start
inner=$(pgrep -P "$outer" -x dcm-start)
wait_for 20 pgrep -x yes
end_container
expect_status 0
kill $holder

begin 'a zone that does not exist: said, and /etc/localtime rules'
printf '#!/bin/sh\nenv | grep ^TZ >"%s/zone"; exec /usr/sbin/cron "$@"\n' "$T" >"$T/bin/cron"
printf '* * * * * true\n' >"$table"
container zone TZ=Europe/Madird
wait_for 10 says zone "^dcm-start: error: jobs run by the time of /etc/localtime: there is no time zone 'Europe/Madird' \(TZ\)"
wait_for 10 test -e "$T/zone"
expect 'no TZ for cron' test ! -s "$T/zone"
end_container

begin 'TZ and a mounted /etc/localtime that disagree: said'
: >"$T/zone"
cp -a /etc "$T/etc"
cp --remove-destination /usr/share/zoneinfo/UTC "$T/etc/localtime"
mount --bind "$T/etc" /etc
container image TZ=Europe/Madrid
wait_for 10 test -s "$T/zone"
end_container
expect "nothing about the image's own" test "$(grep -c 'is mounted' "$T/image.log")" = 0
mount --bind /usr/share/zoneinfo/America/Sao_Paulo /etc/localtime
container conflict TZ=Europe/Madrid
wait_for 10 says conflict "^dcm-start: warning: TZ is 'Europe/Madrid' .*'/etc/localtime', which is mounted, is another zone \(UTC-0300\)"
end_container
umount /etc/localtime

if zic -b slim -d "$T/zones" /usr/share/zoneinfo/tzdata.zi 2>/dev/null; then
  begin 'a mounted /etc/localtime in the bytes of another release of tzdata: the server gets its name'
  mount --bind "$T/zones/America/Sao_Paulo" /etc/localtime
  container named TZ=
  wait_for 30 says named "^dcm-start: the server gets TZ=America/Sao_Paulo, the zone of the mounted '/etc/localtime'"
  wait_for 30 pgrep -P "$inner" -f run.sh
  expect 'TZ of the server' test "$(tr '\0' '\n' <"/proc/$(pgrep -o -P "$inner" -f run.sh)/environ" | grep '^TZ=')" = TZ=America/Sao_Paulo
  end_container
  # a JVM reads that file by itself
  echo America/Bogota >"$T/timezone" && touch /etc/timezone && mount --bind "$T/timezone" /etc/timezone
  container both TZ=
  wait_for 30 pgrep -P "$inner" -f run.sh
  end_container
  expect 'nothing is given to the server' test "$(grep -c 'the server gets TZ' "$T/both.log")" = 0
  umount /etc/timezone /etc/localtime
  rm /etc/timezone
else
  printf 'not tried: no zic, or no tzdata.zi for it\n'
fi

begin 'a mounted /etc/localtime that is no zone, as where the host has none: said'
mkdir "$T/no-zone"
rm "$T/etc/localtime"
mkdir "$T/etc/localtime"
mount --bind "$T/no-zone" /etc/localtime
container nameless
wait_for 30 says nameless "^dcm-start: warning: the server runs in UTC: the mounted '/etc/localtime' is no zone .*; set TZ"
end_container
umount /etc/localtime /etc

begin 'cron killed 20 times: started again each time, the server is not touched; @reboot is the start of the container'
rm "$T/bin/cron"
: >/run/crond.reboot # of an earlier start of this container
# no other jobs: a child of the cron that is killed would be taken for the next one
printf '@reboot echo boot >>%s/boots\n' "$T" >"$table"
mkfifo "$T/kill.pipe"
cat "$T/kill.pipe" >"$T/kill.log" &
# PID 1 on a fast clock: the delays between the starts grow to a minute
env _DCM_CRONTAB_FILE="$table" DCM4CHEE_HOME="$T/slow" unshare -p -f --mount-proc --kill-child \
  dcm-cron-load --keep-going -- env LD_PRELOAD="$faketime" FAKETIME='+0 x100' dcm-start </dev/null >"$T/kill.pipe" 2>&1 &
outer=$!
wait_for 10 pgrep -P "$outer" -x dcm-start
inner=$(pgrep -P "$outer" -x dcm-start)
wait_for 10 pgrep -P "$inner" -f run.sh
server=$(pgrep -P "$inner" -f run.sh)
booted() { [ -s "$T/boots" ] && ! pgrep -P "$(pgrep -d, -P "$inner" -x cron)"; }
wait_for 30 booted
killed=none
fresh_cron() { # the one in $cron; a child of one that was killed may live on
  cron=$(pgrep -n -P "$inner" -x cron) && [ "$cron" != "$killed" ]
}
for ((kills = 0; kills < 20; kills++)); do
  wait_for 30 fresh_cron || break
  kill -9 "$cron"
  killed=$cron
done
wait_for 30 fresh_cron
expect 'every time said' test "$(grep -c 'cron has ended (killed by signal 9 (Killed)); starting it again in' "$T/kill.log")" = 20
expect 'the same server' test "$(pgrep -P "$inner" -f run.sh)" = "$server"
expect '@reboot ran once' test "$(wc -l <"$T/boots")" = 1
end_container
expect_status 0

begin 'on real time'
real_says() { grep -qE "$1" "$T/real.log"; }
wait_for 70 real_says "job 'echo' of user root failed: exit status 4"
expect 'its line' real_says '^\[echo\] real here$'
kill "$real"

finish
