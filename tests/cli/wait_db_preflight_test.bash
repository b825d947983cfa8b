#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What dcm-wait-db looks at and does after the login: schema, driver, the archive's files, the web users' passwords; as
# warnings at the start of an archive, as failures otherwise; and the file that tells the state.
# shellcheck source=tests/cli/harness.bash
. "$(dirname "$0")/harness.bash"
# shellcheck source=tests/lib/mariadb.bash
. "$(dirname "$0")/../lib/mariadb.bash"
# shellcheck source=tests/lib/datasource.bash
. "$(dirname "$0")/../lib/datasource.bash"
command -v mariadbd >/dev/null || skip 'no mariadb-server'
trap 'mariadb_stop; kill $(jobs -p) 2>/dev/null' EXIT
mariadb_start "$T/db" || exit 1
port=$MARIADB_PORT
mariadb_create pacsdb pacs pacs
datasource 127.0.0.1 "$port" pacsdb pacs pacs
sql() { mariadb_sql pacsdb; }
preflight() { run env "$@" dcm-wait-db --datasource "$file" --preflight --once --status-file "$T/db.json"; }
state() { jq -c '[.state, .cause, .warnings]' "$T/db.json"; }
load='load it with /opt/dcm/maintenance/load-schema'

begin 'no schema: a warning at a start, a failure when asked for'
preflight
expect_status 0
expect_err "dcm-wait-db: warning: database 'pacsdb' is empty, the archive cannot work with it; $load"
expect 'state' test "$(state)" = "[\"up\",\"\",[\"database 'pacsdb' is empty, the archive cannot work with it; $load\"]]"
run dcm-wait-db --require-schema --once --log-format json --status-file "$T/db.json"
expect_status 69
expect 'cause in the log' test "$(jq -r .cause "$T/err")" = schema_absent
expect 'state' test "$(state)" = '["failed","schema_absent",[]]'

begin 'a schema that is loaded while it is waited for'
dcm-wait-db --require-schema --interval 100ms -- echo up >"$T/out" 2>"$T/err" &
waiting=$!
wait_for 5 grep -q 'is empty' "$T/err"
sql <"$DCM_SOURCE/create-mysql.sql"
wait "$waiting"
status=$?
expect_status 0
expect_out up
preflight
expect_status 0
everybody='has the password that everybody knows; change it in the web page, or set DCM_ADMIN_PASSWORD_FILE'
expect_err "dcm-wait-db: warning: the web user 'admin' $everybody
dcm-wait-db: warning: the web user 'user' $everybody"
expect 'state' test "$(state)" = "[\"up\",\"\",[\"the web user 'admin' $everybody\",\"the web user 'user' $everybody\"]]"
sql <<<"UPDATE users SET passwd = 'own'"
preflight
expect_status 0
expect_err ''
expect 'state' test "$(state)" = '["up","",[]]'

begin 'half a schema: tables, columns, first rows'
sql <<<'DELETE FROM ae'
run dcm-wait-db --require-schema --once
expect_status 69
expect_err "dcm-wait-db: error: database 'pacsdb' lacks the first rows of users, roles or ae: its script did not run to its end; $load"
sql <<<"INSERT INTO study (study_iuid, num_series, num_instances, availability, study_status, fileset_id) VALUES ('1.2', 0, 0, 0, 0, '')" 2>/dev/null ||
  sql <<<"SET sql_mode=''; INSERT IGNORE INTO study (study_iuid) VALUES ('1.2')"
run dcm-wait-db --require-schema --once
expect_status 0
sql <<<'ALTER TABLE media DROP COLUMN media_usage; DROP TABLE code_not_there' 2>/dev/null
run dcm-wait-db --require-schema --once
expect_status 69
expect_err_like "lacks columns \(media\.media_usage\); it is of another version"
sql <<<'SET foreign_key_checks=0; DROP TABLE hp, media'
run dcm-wait-db --require-schema --once
expect_status 69
expect_err_like "lacks 2 of the archive's tables \(hp, media\); load it"
mariadb_sql <<<'DROP DATABASE pacsdb; CREATE DATABASE pacsdb'
sql <"$DCM_SOURCE/create-mysql.sql"
sql <<<"UPDATE users SET passwd = 'own'"

begin 'a database of an older dcm4chee: the scripts that it comes with'
sql <<<'RENAME TABLE published_study TO kept; ALTER TABLE ae RENAME COLUMN ae_group TO kept'
preflight
expect_status 0
expect_err "dcm-wait-db: warning: database 'pacsdb' is that of dcm4chee 2.16; make a backup, then run sql/update-2.17.mysql and sql/update-2.18.mysql of the server's directory on it, in this order"
sql <<<'ALTER TABLE ae RENAME COLUMN kept TO ae_group'
run dcm-wait-db --once --require-schema
expect_status 69
expect_err "dcm-wait-db: error: database 'pacsdb' is that of dcm4chee 2.17; make a backup, then run sql/update-2.18.mysql of the server's directory on it, in this order"
sql <<<'RENAME TABLE kept TO published_study'

begin 'a login that may read and no more, a server that is only read'
mariadb_sql <<<"CREATE USER seer@'%' IDENTIFIED BY 'x'; GRANT SELECT ON pacsdb.* TO seer@'%'"
datasource 127.0.0.1 "$port" pacsdb seer x
run dcm-wait-db --once
expect_status 0
run dcm-wait-db --once --require-schema
expect_status 77
expect_err_like "^dcm-wait-db: error: user 'seer' has no right to database 'pacsdb', or not enough \\([A-Z, ]+ command denied to user .*\\); run GRANT ALL"
datasource 127.0.0.1 "$port" pacsdb pacs pacs
before=$(sql <<<'CHECKSUM TABLE files, study, users')
mariadb_sql <<<'SET GLOBAL read_only = ON'
run dcm-wait-db --once --require-schema
expect_status 69
expect_err "dcm-wait-db: error: the server at '127.0.0.1:$port' takes no writing (The MariaDB server is running with the --read-only option so it cannot execute this statement); name the one that is written to as MYSQL_HOST, or run SET GLOBAL read_only = OFF there"
preflight
expect_status 0
expect_err_like "warning: the server at '127.0.0.1:$port' takes no writing"
mariadb_sql <<<'SET GLOBAL read_only = OFF'
run dcm-wait-db --once --require-schema
expect_status 0
expect_err ''
expect 'nothing was written' test "$(sql <<<'CHECKSUM TABLE files, study, users')" = "$before"

begin 'the driver that can log in is passed over, the one that cannot is named'
: >"$server/lib/mysql-connector-java-5.0.5.jar"
run dcm-wait-db --once
expect_status 0
expect_err ''
if mariadb_sql <<<"INSTALL SONAME 'auth_ed25519'; CREATE USER ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('x'); GRANT ALL ON pacsdb.* TO ed@'%'" 2>/dev/null; then
  datasource 127.0.0.1 "$port" pacsdb ed x
  driver="the JDBC driver 'mysql-connector-java-5.0.5.jar' 5.0.5 cannot log in by this user's plugin 'ed25519'; run ALTER USER ... IDENTIFIED VIA mysql_native_password USING PASSWORD('...') at the server"
  run dcm-wait-db --fail-fast
  expect_status 69
  expect_err "dcm-wait-db: error: $driver"
  preflight
  expect_status 0
  expect_err "dcm-wait-db: warning: $driver"
  datasource 127.0.0.1 "$port" pacsdb pacs pacs
fi
begin 'a newer driver, its version in the manifest, with the old entity command'
rm "$server/lib/"*
mkdir -p "$T/jar/META-INF" "$server/conf"
printf 'Manifest-Version: 1.0\r\nImplementation-Version: 5.1.49\r\n' >"$T/jar/META-INF/MANIFEST.MF"
(cd "$T/jar" && zip -qX "$server/lib/mysql-connector-java.jar" META-INF/MANIFEST.MF)
command='<entity-command name="mysql-get-generated-keys" class="org.jboss.ejb.plugins.cmp.jdbc.keygen.JDBCMySQLCreateCommand"/>'
printf '%s\n' "$command" >"$server/conf/standardjbosscmp-jdbc.xml"
preflight
expect_status 0
expect_err_like "with the JDBC driver 'mysql-connector-java.jar' nothing can be stored: .*; replace that word by JDBC30GeneratedKeysCreateCommand there"
sed -i s/JDBCMySQL/JDBC30GeneratedKeys/ "$server/conf/standardjbosscmp-jdbc.xml"
preflight
expect_status 0
expect_err ''
rm "$server/lib/"* "$server/conf/"*
begin 'a driver and a configuration that are no files: named, and nobody is held up'
mkfifo "$server/lib/mysql-connector.jar"
fifo="cannot read '$server/lib/mysql-connector.jar': not a regular file; put the JDBC driver there again"
run timeout 20 dcm-wait-db --preflight --once --status-file "$T/db.json"
expect_status 0
expect_err "dcm-wait-db: warning: $fifo"
run timeout 20 dcm-wait-db --fail-fast
expect_status 69
expect_err "dcm-wait-db: error: $fifo"
rm -r "${server:?}/lib" "$server/conf"

begin 'the database knows files and the archive directory is empty: the start stops'
sql <<'EOSQL'
SET foreign_key_checks = 0;
INSERT INTO filesystem (pk, dirpath, fs_group_id, retrieve_aet, availability, fs_status) VALUES
  (1, 'archive', 'ONLINE_STORAGE', 'DCM4CHEE', 0, 0), (2, '/nowhere/nearline', 'NEARLINE', 'DCM4CHEE', 1, 0);
INSERT INTO files (pk, filesystem_fk, filepath, file_tsuid, created_time)
  SELECT seq, 1, CONCAT('2026/11/24/', seq), '1.2', NOW() - INTERVAL IF(seq > 10, 0, 2) DAY FROM seq_1_to_30;
INSERT INTO files (pk, filesystem_fk, filepath, file_tsuid) SELECT seq, 2, CONCAT('2026/11/24/', seq), '1.2' FROM seq_100_to_130;
EOSQL
gone="none of the newest 20 files and of 10 older ones that the database knows is under '$server/archive': the mount of the archive is missing or empty; mount it there (volumes: in docker-compose.yml), take that line out where the images are in the configuration volume, or restore them; DCM_ARCHIVE_CHECK=warn starts without"
run dcm-wait-db --preflight --status-file "$T/db.json" -- echo never
expect_status 75
expect_out ''
expect_err "dcm-wait-db: error: $gone"
expect 'state' test "$(state)" = '["failed","archive_missing",[]]'
sql <<<'RENAME TABLE media TO kept'
preflight
expect_status 75
expect_err_like "^dcm-wait-db: warning: .* lacks 1 of the archive's tables \(media\).*
dcm-wait-db: error: none of the newest 20 files"
expect 'state' test "$(jq -r '.cause, (.warnings | length)' "$T/db.json" | paste -sd' ')" = 'archive_missing 1'
sql <<<'RENAME TABLE kept TO media'
preflight DCM_ARCHIVE_CHECK=warn
expect_status 0
expect_err "dcm-wait-db: warning: $gone"
preflight DCM_ARCHIVE_CHECK=off
expect_status 0
expect_err ''
preflight DCM_ARCHIVE_CHECK=of
expect_status 75
expect_err_like "warning: DCM_ARCHIVE_CHECK: 'of' is not stop, warn or off, ignoring; using stop"
begin 'only older files are there, as after a power cut: it goes on and says what to do'
mkdir -p "$server/archive/2026/11/24"
touch "$server/archive/2026/11/24/"{1..10}
preflight
expect_status 0
expect_err "dcm-wait-db: warning: 20 of the newest 20 files that the database knows are not under '$server/archive', but older ones are: they were lost, as after a power cut; /opt/dcm/maintenance/verify-archive --newest tells which, and the modalities may have them still"
begin 'some of the newest are there: it goes on and says how many are not'
touch "$server/archive/2026/11/24/"{11..17}
preflight
expect_status 0
expect_err "dcm-wait-db: warning: 13 of the newest 20 files that the database knows are not under '$server/archive'; /opt/dcm/maintenance/verify-archive --newest tells which, and the modalities may have them still"
touch "$server/archive/2026/11/24/"{18..30}
preflight
expect_status 0
expect_err ''
begin 'by hand, for another directory; and a file system elsewhere'
run dcm-wait-db --once --check-archive "$T/elsewhere/archive"
expect_status 75
expect_err_like "is under '$T/elsewhere/archive': the mount"
run dcm-wait-db --once --check-archive "$T/elsewhere/archive/"
expect_err_like "is under '$T/elsewhere/archive': the mount"
mkdir -p "$T/elsewhere" && ln -s "$server/archive" "$T/elsewhere/archive"
run dcm-wait-db --once --check-archive "$T/elsewhere/archive"
expect_status 0
sql <<<"UPDATE filesystem SET dirpath = '$T/absolute' WHERE pk = 1"
preflight
expect_status 75
expect_err_like "is under '$T/absolute'"
mv "$server/archive" "$T/absolute"
preflight
expect_status 0
expect_err ''

begin 'NO_MOUNT, which dcm4chee takes for a mount that is missing'
: >"$T/absolute/NO_MOUNT"
preflight
expect_status 0
expect_err_like "warning: NO_MOUNT lies in '$T/absolute': it is dcm4chee's mark for a mount that is missing"
rm "$T/absolute/NO_MOUNT"

begin 'paths in the database that no archive writes'
sql <<'EOSQL'
INSERT INTO files (pk, filesystem_fk, filepath, file_tsuid, created_time) VALUES (31, 1, '../../../etc/passwd', '1.2', NOW()), (32, 1, '/etc/passwd', '1.2', NOW()),
  (33, 1, 'a\nb', '1.2', NOW()), (34, 1, '*', '1.2', NOW());
EOSQL
preflight
expect_status 0
expect_err_like "^dcm-wait-db: warning: the table files has paths that no archive writes, such as 'a.nb'; they are not looked for: find out who wrote them
dcm-wait-db: warning: 1 of the newest 17 files that the database knows are not under '$T/absolute'; [^
]*$"
sql <<<'DELETE FROM files WHERE pk > 30 AND filesystem_fk = 1'

begin 'the other way round: files that the database does not know'
other="is this the right database? Restore it (/opt/dcm/maintenance/restore), or name the right one as MYSQL_DATABASE and MYSQL_HOST; DCM_ARCHIVE_CHECK=warn starts without"
for ago in {0..11}; do
  today=$T/absolute/$(date -d "$ago days ago" +%Y/%-m/%-d)
  mkdir -p "$today" && touch "$today"/{a,b}
done
preflight
expect_status 75
expect_err_like "^dcm-wait-db: error: the database knows [0-2] of 20 files of the last 30 days below '$T/absolute': is this the right database\\? Restore it "
expect 'cause' test "$(jq -r .cause "$T/db.json")" = wrong_database
sql <<EOSQL
SET foreign_key_checks = 0;
INSERT INTO files (pk, filesystem_fk, filepath, file_tsuid, created_time) VALUES (41, 1, '$(date +%Y/%-m/%-d)/a', '1.2', NOW()),
  (42, 1, '$(date -d yesterday +%Y/%-m/%-d)/a', '1.2', NOW()), (43, 1, '$(date -d '2 days ago' +%Y/%-m/%-d)/a', '1.2', NOW());
EOSQL
preflight
expect_status 0
expect_err ''
sql <<<'SET foreign_key_checks = 0; RENAME TABLE files TO elsewhere; CREATE TABLE files LIKE elsewhere'
mv "$T/absolute" "$server/archive"
preflight
expect_status 75
expect_err "dcm-wait-db: error: the database is empty, the archive is not: there are files below '$server/archive': $other"
preflight DCM_ARCHIVE_CHECK=warn
expect_status 0
expect_err "dcm-wait-db: warning: the database is empty, the archive is not: there are files below '$server/archive': $other"
run dcm-wait-db --once --check-archive "$server/archive" --archive-check stop
expect_status 75
sql <<<'SET foreign_key_checks = 0; DROP TABLE files; RENAME TABLE elsewhere TO files'
mv "$server/archive" "$T/absolute"

begin 'the plan on many rows is a walk over twenty entries of an index'
sql <<<"SET foreign_key_checks = 0; INSERT INTO files (filesystem_fk, filepath, file_tsuid) SELECT 2, CONCAT('x/', seq), '1.2' FROM seq_1_to_200000"
sql <<<"SET GLOBAL general_log_file = '$T/general', GLOBAL general_log = ON"
preflight
expect_status 0
sql <<<'SET GLOBAL general_log = OFF'
grep -oE "Query[[:space:]](SELECT|\(SELECT) .*files.*" "$T/general" | sed 's/^Query[[:space:]]//' >"$T/queries"
expect "statements: $(cut -c1-60 "$T/queries")" test "$(wc -l <"$T/queries")" -ge 4
while read -r query; do
  reads=$(sql <<<"FLUSH STATUS; $query; SHOW SESSION STATUS LIKE 'Handler_read%'" | awk '/^Handler_read_(key|first|last|prev|next|rnd|rnd_next)\t/ { sum += $2 } END { print sum }')
  expect "rows read: $reads by $query" test "$reads" -le 150
done <"$T/queries"
preflight
expect_status 0
sql <<<'SET foreign_key_checks = 0; DELETE FROM files; DELETE FROM filesystem'

begin 'the passwords of the web users: set while they are the shipped ones, kept when changed'
hash_of() { printf %s "$1" | openssl dgst -sha1 -binary | base64; }
hash_now() { sql <<<"SELECT passwd FROM users WHERE user_id = '${1:-admin}'"; }
printf 's3cret&"\n' >"$T/secret"
sql <<<"UPDATE users SET passwd = '$(hash_of admin)' WHERE user_id = 'admin'; UPDATE users SET passwd = '$(hash_of user)' WHERE user_id = 'user'"
preflight DCM_ADMIN_PASSWORD_FILE="$T/secret"
expect_status 0
expect_err "dcm-wait-db: the web user 'admin' had the shipped password, now it has the one of DCM_ADMIN_PASSWORD_FILE
dcm-wait-db: the web user 'user' had the shipped password, now it has the one of DCM_ADMIN_PASSWORD_FILE"
expect 'set' test "$(hash_now):$(hash_now user)" = "$(hash_of 's3cret&"'):$(hash_of 's3cret&"')"
expect 'nothing is kept on the volume' test ! -e "$server/.dcm"
preflight DCM_ADMIN_PASSWORD_FILE="$T/secret"
expect_status 0
expect_err ''
echo another >"$T/secret"
preflight DCM_ADMIN_PASSWORD_FILE="$T/secret"
expect_status 0
expect_err ''
expect 'a changed secret changes nothing' test "$(hash_now)" = "$(hash_of 's3cret&"')"
sql <<<"UPDATE users SET passwd = '$(hash_of web)' WHERE user_id = 'admin'"
preflight DCM_ADMIN_PASSWORD_FILE="$T/secret"
expect_status 0
expect_err ''
expect 'changed in the web page: stays' test "$(hash_now)" = "$(hash_of web)"
begin 'the passwords of the web users: what cannot be set stops no start'
sql <<<"UPDATE users SET passwd = '$(hash_of user)' WHERE user_id = 'user'"
known="the web user 'user' has the password that everybody knows"
preflight
expect_status 0
expect_err "dcm-wait-db: warning: $known; change it in the web page, or set DCM_ADMIN_PASSWORD_FILE"
preflight DCM_ADMIN_PASSWORD_FILE="$T/absent"
expect_status 0
expect_err "dcm-wait-db: warning: cannot read '$T/absent': no such file; DCM_ADMIN_PASSWORD_FILE names it, mount the secret there
dcm-wait-db: warning: $known; change it in the web page, or set DCM_ADMIN_PASSWORD_FILE"
: >"$T/empty"
preflight DCM_ADMIN_PASSWORD_FILE="$T/empty"
expect_status 0
expect_err_like "^dcm-wait-db: warning: DCM_ADMIN_PASSWORD_FILE: '$T/empty' is empty; write the password into it
dcm-wait-db: warning: "
mariadb_sql <<<"CREATE USER reader@'%' IDENTIFIED BY 'x'; GRANT SELECT ON pacsdb.* TO reader@'%'"
datasource 127.0.0.1 "$port" pacsdb reader x
preflight DCM_ADMIN_PASSWORD_FILE="$T/secret"
expect_status 0
expect_err_like "
dcm-wait-db: warning: $known, and it cannot be set \(UPDATE command denied .*\); grant this login UPDATE on the table users$"
datasource 127.0.0.1 "$port" pacsdb pacs pacs
sql <<<"UPDATE users SET passwd = 'own'"

begin 'another server on the same database: named, with what each needs of its own'
relay=$(free_port)
socat "TCP-LISTEN:$relay,bind=127.0.0.1,fork,reuseaddr" "TCP:127.0.0.1:$port,bind=127.0.0.2" &
relaying=$!
from_elsewhere() { mariadb --no-defaults --skip-ssl-verify-server-cert -h127.0.0.1 -P"$relay" -upacs -ppacs pacsdb -e 'SELECT SLEEP(600)'; }
connections() { mariadb_sql <<<'SHOW PROCESSLIST' | grep -c '127\.0\.0\.2:.*SLEEP'; }
held() { test "$(connections)" = "$1"; }
wait_for 20 eval '(exec 3<>"/dev/tcp/127.0.0.1/$relay")'
from_elsewhere >/dev/null 2>&1 &
wait_for 20 held 1
preflight
expect_err ''
from_elsewhere >/dev/null 2>&1 &
wait_for 20 held 2
preflight
expect_status 0
another="another server, at '127.0.0.2', uses this database by the same login"
alone="$another; if it is an archive, give each of the two a DCM_SERVER_PEER_ID of its own, or forwarded images get lost between them"
expect_err "dcm-wait-db: warning: $alone"
expect 'state' test "$(state)" = "[\"up\",\"\",[\"$alone\"]]"
preflight DCM_SERVER_PEER_ID=2
expect_status 0
expect_err "dcm-wait-db: $another; this is node 2, and each needs a number of its own"
expect 'state' test "$(state)" = '["up","",[]]'
run dcm-wait-db --once
expect_err ''
kill "$relaying"
mariadb_sql <<<"SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE info LIKE '%SLEEP(600)%' AND id <> CONNECTION_ID()" | mariadb_sql
wait_for 20 held 0

begin 'the server is restarted in the middle of the checks: it begins anew'
mariadb_sql pacsdb <<<'LOCK TABLES study WRITE; SELECT SLEEP(600)' >/dev/null 2>&1 &
sleeping() { mariadb_sql <<<'SHOW PROCESSLIST' | grep -q SLEEP; }
wait_for 10 sleeping
dcm-wait-db --preflight --interval 100ms --status-file "$T/db.json" -- echo up >"$T/out" 2>"$T/err" &
waiting=$!
blocked() { mariadb_sql <<<'SHOW PROCESSLIST' | grep -q 'Waiting for table metadata lock'; }
wait_for 10 blocked
mariadb_kill
wait_for 10 grep -q waiting "$T/err"
expect 'state' test "$(jq -r .state "$T/db.json")" = waiting
MARIADB_PORT=$port mariadb_start "$T/db" || exit 1
wait "$waiting"
status=$?
expect_status 0
expect_out up
expect_err_like 'the database answers after'
expect 'state' test "$(state)" = '["up","",[]]'

begin 'the database is dropped and made anew while it waits'
mariadb_sql <<<'DROP DATABASE pacsdb'
dcm-wait-db --preflight --interval 100ms --status-file "$T/db.json" -- echo up >"$T/out" 2>"$T/err" &
waiting=$!
wait_for 10 grep -q "no database 'pacsdb'" "$T/err"
expect 'state' test "$(jq -r .cause "$T/db.json")" = unknown_database
mariadb_sql <<<'CREATE DATABASE pacsdb'
wait "$waiting"
status=$?
expect_status 0
expect_out up

begin 'a volume of another product is not measured by the archive'
DCM_SEED_VOLUME=$DCM_BIN/dcm-seed-volume "$DCM_SOURCE/image/sandbox/assemble" "$T/sandbox" >/dev/null
DCM4CHEE_HOME=$T/sandbox dcm-seed-volume 2>/dev/null
preflight DCM4CHEE_HOME="$T/sandbox" DCM_ADMIN_PASSWORD_FILE="$T/secret"
expect_status 0
expect_err ''
preflight DCM_ADMIN_PASSWORD_FILE="$T/secret"
expect_err_like "is empty, the archive cannot work with it"

begin 'a status file that cannot be written stops nothing'
: >"$T/no-directory"
run dcm-wait-db --once --status-file "$T/no-directory/db.json" -- echo up
expect_status 0
expect_out up
expect_err "dcm-wait-db: warning: cannot write '$T/no-directory/db.json': not a directory, ignoring; dcm-start --status cannot tell about the database"
finish
