# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# A home in $T with a datasource file, for tests of dcm-wait-db. Sourced after the harness; sets DCM4CHEE_HOME, $server, $file:
#   datasource HOST PORT DATABASE USER PASSWORD [PARAMETERS]    (XML text)
export DCM4CHEE_HOME=$T/home
server=$T/home/server/default
file=$server/deploy/pacs-mysql-ds.xml
mkdir -p "${file%/*}" "$server/lib" "$server/archive"
datasource() {
  printf '<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name><connection-url>jdbc:mysql://%s:%s/%s%s</connection-url><user-name>%s</user-name><password>%s</password></local-tx-datasource></datasources>\n' \
    "$1" "$2" "$3" "${6:-}" "$4" "$5" >"$file.new"
  mv "$file.new" "$file"
}
