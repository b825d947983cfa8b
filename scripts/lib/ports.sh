# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# TCP ports of this machine, without a tool to ask for them.

# Succeeds when somebody listens on port $1.
port_taken() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }'
}

port_free() {
  for port in $(shuf -i 20000-29999 -n 50); do
    if ! port_taken "$port"; then
      echo "$port"
      return
    fi
  done
}
