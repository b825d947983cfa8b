# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# An archive as dcm4chee leaves it: real DICOM files below DCM4CHEE_HOME/server/default/archive and their rows in the archive's
# own schema. Source after harness.bash, mariadb.bash and dicom.bash. Then:
#   stored_prepare              a volume (marker, datasource, log) in $T/home, MariaDB, database pacsdb with the schema, MYSQL_* exported
#   stored_add NUMBER [DAY]     one study with one file; its path, relative to the archive, in $stored_path
#   stored_sql <<<SQL           as root, in pacsdb
stored_prepare() {
  export DCM4CHEE_HOME=$T/home MYSQL_HOST=127.0.0.1 MYSQL_PASSWORD='p"a\s#s&<w>ord'
  stored_volume=$DCM4CHEE_HOME/server/default
  mkdir -p "$stored_volume"/{.dcm,deploy,conf,data,lib,log,tmp,work,archive}
  printf 'dcm-volume 1\nproduct dcm4chee\nversion 1.0\nmanifest 0\norigin filled\nheld -\n' >"$stored_volume/.dcm/marker"
  : >"$stored_volume/lib/mysql.jar"
  cat >"$stored_volume/deploy/pacs-mysql-ds.xml" <<'E_DATASOURCE'
<datasources><local-tx-datasource><jndi-name>pacsDS</jndi-name><connection-url>jdbc:mysql://localhost:3306/pacsdb</connection-url>
<user-name>pacs</user-name><password>pacs</password></local-tx-datasource></datasources>
E_DATASOURCE
  printf 'a site edited this\n' >"$stored_volume/conf/jboss-service.xml"
  mkdir -p "$stored_volume/data/xmbean-attrs" && printf '<attribute-list/>\n' >"$stored_volume/data/xmbean-attrs/a.xml"
  mariadb_start "$T/db" --innodb-flush-method=nosync || return
  export MYSQL_PORT=$MARIADB_PORT
  mariadb_create pacsdb pacs "$MYSQL_PASSWORD"
  mariadb_sql pacsdb <"$DCM_SOURCE/create-mysql.sql"
  stored_sql <<<"INSERT INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES (1, 'archive', 'ONLINE_STORAGE', 'DCM4CHEE', 0, 0)"
}

stored_sql() { mariadb_sql pacsdb; }

stored_add() {
  local n=$1 day=${2:-2026/11/24} file md5 bytes
  stored_path=$day/10/$(printf '%08X/%08X/%08X' "$n" "$((n * 7))" "$((n * 13))")
  file=$stored_volume/archive/$stored_path
  mkdir -p "${file%/*}"
  dicom_make "$file" "DOE^N$n" "2.25.$n"
  mv "$file.dump" "$T/dump"
  # older than what is still being written
  touch -d '2 hours ago' "$file"
  md5=$(md5sum <"$file" | cut -d' ' -f1)
  bytes=$(stat -c %s "$file")
  stored_sql <<EOSQL
INSERT INTO patient (pk, pat_id, pat_name) VALUES ($n, 'ID-$n', 'DOE^N$n');
INSERT INTO study (pk, patient_fk, study_iuid, num_series, num_instances, availability, study_status) VALUES ($n, $n, '2.25.$n', 1, 1, 0, 0);
INSERT INTO series (pk, study_fk, series_iuid, num_instances, availability, series_status) VALUES ($n, $n, '2.25.$n.1', 1, 0, 0);
INSERT INTO instance (pk, series_fk, sop_iuid, sop_cuid, availability, inst_status, all_attrs, commitment, archived)
  VALUES ($n, $n, '2.25.$n.1.1', '1.2.840.10008.5.1.4.1.1.7', 0, 0, 0, 0, 0);
INSERT INTO files (pk, instance_fk, filesystem_fk, filepath, file_tsuid, file_md5, file_size, file_status, created_time)
  VALUES ($n, $n, 1, '$stored_path', '1.2.840.10008.1.2.1', '$md5', $bytes, 0, '${day//\//-} 10:00:00');
EOSQL
}
