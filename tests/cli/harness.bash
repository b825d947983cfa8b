# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What every script test sources. It gives: an empty directory in $T (kept, and named, when a test fails), a wiped
# environment, the tools in PATH, and:
#   begin TITLE                 start a case
#   run CMD...                  run it; status in $status, streams in $T/out and $T/err
#   expect_status N | expect_out TEXT | expect_err TEXT (whole stream, newline at its end implied; '' is empty)
#   expect_err_like REGEX | expect_out_like REGEX (extended, against the whole stream) | expect MESSAGE CMD...
#   skip REASON                 end the whole script as skipped (77)
#   wait_for SECONDS CMD...     until CMD succeeds; its failure fails the case
#   finish                      last line: the verdict
set -u
: "${DCM_BIN:?run through ctest, or set it to the directory of the tools}"
harness_keep="PATH=$DCM_BIN:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
for harness_name in $(compgen -e); do
  case $harness_name in
    DCM_BIN | DCM_SOURCE | DCM_BUILD | DCM_SANITIZE | HOME | TERM | TMPDIR | ASAN_OPTIONS | UBSAN_OPTIONS | LSAN_OPTIONS) ;;
    *) unset "$harness_name" 2>/dev/null || true ;;
  esac
done
export "${harness_keep?}" LC_ALL=C.UTF-8
T=$(mktemp -d "${TMPDIR:-/tmp}/dcm-test.XXXXXX")
failures=0 cases=0 title=''
status=0

begin() {
  title=$1
  cases=$((cases + 1))
}

fail() {
  failures=$((failures + 1))
  printf 'FAILED %s: %s\n' "$title" "$*" >&2
}

run() {
  "$@" >"$T/out" 2>"$T/err" </dev/null
  status=$?
}

expect_status() {
  [ "$status" = "$1" ] || fail "exit status $status, expected $1; stderr: $(head -c 2000 "$T/err")"
}

harness_compare() { # stream expected
  local expected=$2
  [ -z "$expected" ] || expected=$expected$'\n'
  [ "$(cat "$T/$1" && printf x)" = "${expected}x" ] ||
    fail "std$1 is: $(head -c 2000 "$T/$1") -- expected: $2"
}
expect_out() { harness_compare out "$1"; }
expect_err() { harness_compare err "$1"; }

harness_match() { # stream regex
  [[ $(cat "$T/$1") =~ $2 ]] || fail "std$1 does not match '$2': $(head -c 2000 "$T/$1")"
}
expect_out_like() { harness_match out "$1"; }
expect_err_like() { harness_match err "$1"; }

expect() {
  local what=$1
  shift
  "$@" || fail "$what"
}

skip() {
  printf 'skipped: %s\n' "$*"
  rm -rf "$T"
  exit 77
}

wait_for() {
  local limit=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$limit" ]; then
      fail "waited in vain for: $*"
      return 1
    fi
    sleep 0.05
  done
}

finish() {
  if [ "$failures" -gt 0 ]; then
    printf '%d of %d cases failed; kept: %s\n' "$failures" "$cases" "$T" >&2
    exit 1
  fi
  rm -rf "$T"
  printf '%d cases passed\n' "$cases"
  exit 0
}
