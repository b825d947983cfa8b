# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# What a server made of create-mysql.sql against the three lists beside this file. Source it, then:
#   schema_differences CLIENT...   CLIENT runs the SQL on its standard input in the database and prints rows separated by tabs,
#                                  without a heading; prints a diff, nothing when every row agrees, and returns 1 if any differs
schema_lists=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# integers lose the display width that only MariaDB shows; the two names of the same rule become one
schema_columns="SELECT CONCAT_WS(',', table_name, ordinal_position, column_name,
  UPPER(REGEXP_REPLACE(column_type, '^(bigint|int)[(][0-9]+[)]', '\\\\1')),
  CASE WHEN collation_name IS NULL THEN '' WHEN collation_name = 'utf8mb4_bin' THEN 'binary' ELSE collation_name END,
  LOWER(is_nullable), extra)
FROM information_schema.columns WHERE table_schema = DATABASE()"
schema_indexes="SELECT CONCAT_WS(',', table_name, index_name, IF(non_unique, 'no', 'yes'), seq_in_index, column_name,
  IFNULL(sub_part, '')) FROM information_schema.statistics WHERE table_schema = DATABASE()"
schema_foreign_keys="SELECT CONCAT_WS(',', k.table_name, k.constraint_name, k.column_name, k.referenced_table_name,
  k.referenced_column_name, REPLACE(r.delete_rule, 'NO ACTION', 'RESTRICT'), REPLACE(r.update_rule, 'NO ACTION', 'RESTRICT'))
FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
  ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL"
schema_tables="SELECT CONCAT_WS(',', table_name, engine, table_collation, row_format)
FROM information_schema.tables WHERE table_schema = DATABASE()"

schema_differences() {
    local differ=0 list query
    for list in columns indexes foreign_keys; do
        query=schema_$list
        diff -u --label "$list.csv" --label server <(tail -n +2 "$schema_lists/$list.csv" | LC_ALL=C sort) \
            <("$@" <<<"${!query};" | LC_ALL=C sort) || differ=1
    done
    diff -u --label tables --label server \
        <(tail -n +2 "$schema_lists/columns.csv" | cut -d, -f1 | LC_ALL=C sort -u | sed 's/$/,InnoDB,utf8mb4_bin,Dynamic/') \
        <("$@" <<<"$schema_tables;" | LC_ALL=C sort) || differ=1
    return $differ
}
