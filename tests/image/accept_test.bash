#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# scripts/accept as a user runs it, with the sandbox's image: on fresh volumes, on the copy of a site, and on copies that are broken.
# accept_test.bash [CASE...]
# shellcheck disable=SC2154,SC2317
# shellcheck source=tests/image/container.bash
. "$DCM_SOURCE/tests/image/container.bash"
command -v movescu >/dev/null && command -v curl >/dev/null && command -v python3 >/dev/null || docker_skip 'needs movescu, curl and python3'

# scripts/accept into $work/CASE.said, its report into $work/CASE
accept() { # STATUS OPTION...
  local expected=$1 status=0
  shift
  rm -rf "${work:?}/$container_case" && mkdir "$work/$container_case"
  "$DCM_SOURCE/scripts/accept" --image "$DCM_TEST_IMAGE" --db-image "$docker_database" --report "$work/$container_case" "$@" \
    >"$work/$container_case.said" 2>&1 || status=$?
  [ "$status" = "$expected" ] || fail "accept ended with $status, not $expected: $(cat "$work/$container_case.said")"
}

said() { grep -qE -- "$1" "$work/$container_case.said" || fail "accept does not say '$1': $(cat "$work/$container_case.said")"; }

verdicts() { # VERDICT STEP...
  local verdict=$1 step
  shift
  for step in "$@"; do
    said "^$verdict +$step "
  done
}

cannot() { # the sandbox: each with its reason
  local step
  for step in wado weasis jpeg lossless jpeg2000 hl7 page hardening console settings jsp title kept nodes memory; do
    said "^skipped +$step .* ms  the sandbox "
  done
}

case_fresh() {
  accept 0
  verdicts passed echo store find accents move verify restart backup restore check database stop upgrade adopted
  said '^passed +database .* [0-9]+ of 300 acknowledged meanwhile, none lost'
  said '^skipped +site .* ms  the archive held no study$'
  cannot
  local paper
  paper=$(echo "$work"/fresh/accept-20*.txt)
  python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); s = {e["step"]: e["verdict"] for e in r["steps"]}
assert (r["product"], r["passed"], r["failed"], r["skipped"], s["stop"], s["wado"]) == ("dcm4chee-sandbox", 14, 0, 16, "passed", "skipped"), r' \
    "${paper%.txt}.json" || fail "the report as JSON: $(cat "${paper%.txt}.json")"
  grep -qx 'product dcm4chee-sandbox' "$paper" || fail "the report does not name the product: $(cat "$paper")"
  grep -qx '14 passed, 0 failed, 16 skipped' "$paper" || fail "the report has no end: $(cat "$paper")"
}

# A site with two studies, stopped, and copied: $work/site/default, $work/site/pacsdb.sql.gz; $site_volume is where it lives
make_site() {
  local config
  container_case=site
  mariadb_create sandbox_site site "$password"
  config=$(new_volume site-config)
  site_volume=$(docker volume inspect -f '{{.Mountpoint}}' "$config")
  start site --volume "$config:$volume"
  store SITE1
  store SITE2
  stop
  mkdir "$work/site"
  cp -a "$site_volume" "$work/site/default" || fail "cp"
  mariadb-dump --defaults-file=<(printf '[client]\nuser=site\npassword="%s"\n' "$password") --routines -h "$gateway" -P "$MARIADB_PORT" sandbox_site |
    gzip >"$work/site/pacsdb.sql.gz" || fail 'mariadb-dump'
}

case_copy() {
  cp -a "$work/site/default" "$work/site/copy"
  # as where they are on a volume of their own
  mv "$work/site/copy/archive" "$work/site/files"
  accept 0 --volume "$work/site/copy" --archive "$work/site/files" --dump "$work/site/pacsdb.sql.gz"
  verdicts passed echo site store find accents move verify restart backup restore check database stop upgrade
  cannot
}

# The image of one study in the place of another's
case_wrong() {
  local file
  cp -a "$work/site/default" "$work/site/wrong"
  file=$(grep -rl SITE2 "$work/site/wrong/archive")
  cp "$(grep -rl SITE1 "$work/site/wrong/archive")" "$file"
  accept 69 --volume "$work/site/wrong" --dump "$work/site/pacsdb.sql.gz"
  verdicts FAILED site verify restore
  verdicts passed echo store find
  said '^FAILED +site .* of the 1 images of study .*, 0 came by C-MOVE'
  said "^FAILED +verify .*damaged $volume/archive${file#"$work/site/wrong/archive"} "
}

case_no_images() {
  accept 69 --dump "$work/site/pacsdb.sql.gz"
  verdicts FAILED site verify
  said '^FAILED +verify .* lost .*: 5 files read, 2 lost, 0 damaged'
}

case_refused() {
  echo 'CREATE TABLE else_where (a INT);' >"$work/else.sql"
  accept 65 --dump "$work/else.sql"
  said "no dump of this archive's database: it has no table resources"
  accept 73 --volume "$site_volume"
  said 'is a volume of Docker, no copy of one; copy it first'
  # in use under another name
  mkdir -p "$work/real/deploy" && ln -s real "$work/link"
  docker run --detach --label "$docker_label" --volume "$work/link:/mnt:ro" --entrypoint sleep "$DCM_TEST_IMAGE" 600 >/dev/null || fail 'no container'
  accept 73 --volume "$work/real"
  said "'$work/real' is used by a container"
  accept 66 --volume "$work"
  said 'has no directory deploy'
  accept 69 --image dcm-no-such-image
  said 'docker compose build'
}

# shellcheck disable=SC2034
container_alongside='fresh copy wrong no_images'
container_setup
docker_provide_database
make_site
[ $# -gt 0 ] || set -- fresh copy wrong no_images refused
container_cases "$@"
