#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What cmake --install puts where, and what the linker made of it: the exact list of files, of libraries, of what is hardened.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
cache() { sed -n "s/^$1:[A-Z]*=//p" "$DCM_BUILD/CMakeCache.txt"; }
prefix=$T/root$(cache CMAKE_INSTALL_PREFIX) libraries=$(cache CMAKE_INSTALL_LIBDIR)
binaries=(bin/dcm-configure-db bin/dcm-cron-load bin/dcm-seed-volume bin/dcm-start bin/dcm-wait-db
  "${libraries:=lib}/dcm-toolkit/libdcm.so" libexec/dcm-confine libexec/dcm-job-shell)
DESTDIR=$T/root cmake --install "$DCM_BUILD" --strip >"$T/install.log" || fail "$(cat "$T/install.log")"
cd "$prefix" || exit 1

begin 'the files, and nothing else'
run find . ! -type d -printf '%P\n'
sort -o "$T/out" "$T/out"
expect_out "$(printf '%s\n' "${binaries[@]}" | sort)"

begin 'a command finds its library from where it is'
mv "$prefix" "$T/elsewhere" && cd "$T/elsewhere" || exit 1
run bin/dcm-start --version
expect_status 0

dynamic() { readelf -dW "$1" | sed -nE "s/.*\($2\).*\[(.*)\]/\1/p"; }
begin 'the connector is a matter of dcm-wait-db alone, third-party code one of libdcm.so'
[ -n "${DCM_SANITIZE:-}" ] || for file in "${binaries[@]}"; do
  own='' path="\$ORIGIN/../$libraries/dcm-toolkit"
  case $file in
    *.so) own='libboost_program_options.so libexpat.so libnettle.so' path= ;;
    *wait-db) own='libdcm.so libminizip.so libmysqlcppconn.so libnettle.so' ;;
    *) own=libdcm.so ;;
  esac
  found=$(dynamic "$file" NEEDED | sed 's/\.so.*/.so/' | grep -vE '^lib(c|gcc_s|m|stdc\+\+)\.so$' | sort | paste -sd ' ')
  [ "$found" = "$own" ] || fail "$file needs '$found', expected '$own'"
  found=$(dynamic "$file" RUNPATH)
  [ "$found" = "$path" ] || fail "$file looks for libraries in '$found', expected '$path'"
done

begin 'libdcm.so lets out the names of the project alone'
run sh -c 'nm -DC --defined-only "$1" | cut -d" " -f3- | grep -vE "^(dcm::|(typeinfo|vtable) for dcm::Error)"' sh "${binaries[5]}"
expect_out ''

begin 'hardened: PIE, RELRO, bound at once, no executable stack, stack protector, fortify'
[ -n "${DCM_SANITIZE:-}" ] || for file in "${binaries[@]}"; do
  readelf -hldW "$file" >"$T/elf"
  [[ $file == *.so ]] || grep -q 'FLAGS_1.*PIE' "$T/elf" || fail "$file is not position independent"
  grep -q 'FLAGS.*BIND_NOW' "$T/elf" || fail "$file is bound lazily"
  grep -q 'GNU_RELRO' "$T/elf" || fail "$file has no RELRO"
  grep -qE 'GNU_STACK.* RW ' "$T/elf" || fail "$file has an executable stack"
  ! grep -q 'TEXTREL' "$T/elf" || fail "$file has text relocations"
done
nm -D --undefined-only "${binaries[5]}" >"$T/symbols"
expect 'stack protector in libdcm.so' grep -q '__stack_chk_fail' "$T/symbols"
if [ "$(cache CMAKE_BUILD_TYPE)" != Debug ]; then
  expect 'fortify in libdcm.so' grep -q '_chk@' "$T/symbols"
fi
finish
