#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Numbers as the maintenance scripts take them: base 10, without sign, junk or overflow, in every option that takes one.
# shellcheck disable=SC2016
here=$(dirname "$0")/..
# shellcheck source=tests/cli/harness.bash
. "$here/cli/harness.bash"
scripts=$DCM_SOURCE/scripts/maintenance

read_as() { # FUNCTION VALUE
  run bash -c '. "$0" && "$1" value --option "$2" && printf "%s\n" "$value"' "$scripts/lib.sh" "$1" "$2"
}

begin 'what is a number'
while read -r function value meaning; do
  read_as "$function" "$value"
  expect_status 0
  expect_out "$meaning"
done <<'E_VALUES'
read_number 0 0
read_number 08 8
read_number 010 10
read_number 000000000000007 7
read_number 999999999999999 999999999999999
read_size 08 8
read_size 010K 10240
read_size 500M 524288000
read_size 2G 2147483648
read_size 999999T 1099510528264372224
E_VALUES

begin 'what is none'
for value in '' -5 +5 5x 0x10 1e3 1.5 ' 5' '5 ' 1000000000000000 99999999999999999999 'a[$(touch hit)]' $'5\n'; do
  for function in read_number read_size; do
    read_as "$function" "$value"
    expect_status 64
    expect_err_like ': error: --option takes a (whole number|size such as 500M or 2G), not '
  done
done
for value in 5k 5KB G 1000000M -1G 1.5G; do
  read_as read_size "$value"
  expect_status 64
done

begin 'each option that takes one refuses junk, and takes a zero in front'
count=0
for script in "$scripts"/*; do
  [ -x "$script" ] || continue
  while read -r option; do
    count=$((count + 1))
    for value in -1 8x 99999999999999999999; do
      run "$script" "$option" "$value" --dry-run
      expect_status 64
      expect_err_like "error: $option takes a (whole number|size such as 500M or 2G), not '$value'"
    done
    run env DCM4CHEE_HOME="$T" "$script" "$option" 08 --dry-run
    expect "${script##*/} $option 08: $(cat "$T/err")" test "$status" != 64
  done < <("$script" --help | grep -oE '^  --[a-z]+ (N|DAYS|SIZE|SECONDS) ' | grep -oE -- '--[a-z]+')
done
expect "options: $count" test "$count" -ge 9
finish
