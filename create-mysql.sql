-- SPDX-License-Identifier: Apache-2.0
-- The database of dcm4chee 2.18.3: 55 tables, and the users and application entities that a new archive starts with.
--
--   mariadb -h HOST -u USER -p pacsdb < create-mysql.sql
--
-- The database exists already and is named on the command line, by load-schema, or by MYSQL_DATABASE of the official
-- images, which run this file from /docker-entrypoint-initdb.d. MariaDB 10.11 and later, MySQL 8 and later.
--
-- Names, types and keys are those of the server's entity mapping; a changed one breaks it. Every text column compares
-- bytes (utf8mb4_bin: DICOM identifiers are case-sensitive), said per table, since servers differ in their defaults;
-- DYNAMIC rows, since the default of an old server leaves no room for an index over a whole VARCHAR(250) in utf8mb4.
-- Seventeen tables have no primary key: a server that insists on one (sql_require_primary_key,
-- innodb_force_primary_key) has to be told not to for this database.
--
-- Safe to run again: tables that exist are left as they are, what is missing is added, and the rows at the end appear
-- only in an archive that was never used.

-- Codes and issuers: coded concepts and the authorities that issued accession numbers; nearly everything below refers
-- to them.

CREATE TABLE IF NOT EXISTS code (
  pk              BIGINT       NOT NULL AUTO_INCREMENT,
  code_value      VARCHAR(250) NOT NULL,
  code_designator VARCHAR(250) NOT NULL,
  code_version    VARCHAR(250),
  code_meaning    VARCHAR(250),
  PRIMARY KEY (pk),
  UNIQUE KEY code_value (code_value(64), code_designator(64), code_version(64))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS issuer (
  pk              BIGINT       NOT NULL AUTO_INCREMENT,
  entity_id       VARCHAR(250),
  entity_uid      VARCHAR(250),
  entity_uid_type VARCHAR(250),
  PRIMARY KEY (pk),
  UNIQUE KEY entity_id (entity_id(64)),
  UNIQUE KEY entity_uid (entity_uid(64), entity_uid_type(64))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Patients: one row per patient and issuer, further IDs of the same person, merged records by merge_fk.

CREATE TABLE IF NOT EXISTS patient (
  pk            BIGINT       NOT NULL AUTO_INCREMENT,
  merge_fk      BIGINT,
  pat_id        VARCHAR(250),
  pat_id_issuer VARCHAR(250),
  pat_name      VARCHAR(250),
  pat_fn_sx     VARCHAR(250),
  pat_gn_sx     VARCHAR(250),
  pat_i_name    VARCHAR(250),
  pat_p_name    VARCHAR(250),
  pat_birthdate VARCHAR(250),
  pat_sex       VARCHAR(250),
  pat_custom1   VARCHAR(250),
  pat_custom2   VARCHAR(250),
  pat_custom3   VARCHAR(250),
  updated_time  DATETIME,
  created_time  DATETIME,
  pat_attrs     LONGBLOB,
  PRIMARY KEY (pk),
  KEY pat_birthdate (pat_birthdate(8)),
  KEY pat_custom1 (pat_custom1(64)),
  KEY pat_custom2 (pat_custom2(64)),
  KEY pat_custom3 (pat_custom3(64)),
  KEY pat_fn_sx (pat_fn_sx(16)),
  KEY pat_gn_sx (pat_gn_sx(16)),
  KEY pat_id (pat_id(64), pat_id_issuer(64)),
  KEY pat_i_name (pat_i_name(64)),
  KEY pat_merge_fk (merge_fk),
  KEY pat_name (pat_name(64)),
  KEY pat_p_name (pat_p_name(64)),
  KEY pat_sex (pat_sex(1)),
  CONSTRAINT pat_merge_fk FOREIGN KEY (merge_fk) REFERENCES patient (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS other_pid (
  pk            BIGINT       NOT NULL AUTO_INCREMENT,
  pat_id        VARCHAR(250) NOT NULL,
  pat_id_issuer VARCHAR(250) NOT NULL,
  PRIMARY KEY (pk),
  UNIQUE KEY other_pat_id (pat_id(64), pat_id_issuer(64))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_pat_other_pid (
  patient_fk   BIGINT,
  other_pid_fk BIGINT,
  KEY other_pid_pat_fk (patient_fk),
  KEY pat_other_pid_fk (other_pid_fk),
  CONSTRAINT other_pid_pat_fk FOREIGN KEY (patient_fk) REFERENCES patient (pk),
  CONSTRAINT pat_other_pid_fk FOREIGN KEY (other_pid_fk) REFERENCES other_pid (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Modality performed procedure steps (MPPS): what a modality reported as done; series point at them.

CREATE TABLE IF NOT EXISTS mpps (
  pk           BIGINT       NOT NULL AUTO_INCREMENT,
  patient_fk   BIGINT,
  drcode_fk    BIGINT,
  mpps_iuid    VARCHAR(250) NOT NULL,
  pps_start    DATETIME,
  station_aet  VARCHAR(250),
  modality     VARCHAR(250),
  accession_no VARCHAR(250),
  mpps_status  INT          NOT NULL,
  updated_time DATETIME,
  created_time DATETIME,
  mpps_attrs   LONGBLOB,
  PRIMARY KEY (pk),
  KEY mpps_accession_no (accession_no(16)),
  KEY mpps_drcode_fk (drcode_fk),
  UNIQUE KEY mpps_iuid (mpps_iuid),
  KEY mpps_modality (modality(16)),
  KEY mpps_patient_fk (patient_fk),
  KEY mpps_pps_start (pps_start),
  KEY mpps_station_aet (station_aet(16)),
  CONSTRAINT mpps_drcode_fk FOREIGN KEY (drcode_fk) REFERENCES code (pk),
  CONSTRAINT mpps_patient_fk FOREIGN KEY (patient_fk) REFERENCES patient (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Studies: with the sums over their series, procedure codes, permissions per role, and XDS-I publication.

CREATE TABLE IF NOT EXISTS study (
  pk              BIGINT       NOT NULL AUTO_INCREMENT,
  patient_fk      BIGINT,
  accno_issuer_fk BIGINT,
  study_iuid      VARCHAR(250) NOT NULL,
  study_id        VARCHAR(250),
  study_datetime  DATETIME,
  accession_no    VARCHAR(250),
  ref_physician   VARCHAR(250),
  ref_phys_fn_sx  VARCHAR(250),
  ref_phys_gn_sx  VARCHAR(250),
  ref_phys_i_name VARCHAR(250),
  ref_phys_p_name VARCHAR(250),
  study_desc      VARCHAR(250),
  study_custom1   VARCHAR(250),
  study_custom2   VARCHAR(250),
  study_custom3   VARCHAR(250),
  study_status_id VARCHAR(250),
  mods_in_study   VARCHAR(250),
  cuids_in_study  VARCHAR(250),
  num_series      INT          NOT NULL,
  num_instances   INT          NOT NULL,
  ext_retr_aet    VARCHAR(250),
  retrieve_aets   VARCHAR(250),
  fileset_iuid    VARCHAR(250),
  fileset_id      VARCHAR(250),
  availability    INT          NOT NULL,
  study_status    INT          NOT NULL,
  checked_time    DATETIME,
  updated_time    DATETIME,
  created_time    DATETIME,
  study_attrs     LONGBLOB,
  PRIMARY KEY (pk),
  KEY accession_no (accession_no(16)),
  KEY accno_issuer_fk (accno_issuer_fk),
  KEY patient_fk (patient_fk),
  KEY ref_physician (ref_physician(64)),
  KEY ref_phys_fn_sx (ref_phys_fn_sx(16)),
  KEY ref_phys_gn_sx (ref_phys_gn_sx(16)),
  KEY ref_phys_i_name (ref_phys_i_name(64)),
  KEY ref_phys_p_name (ref_phys_p_name(64)),
  KEY study_checked (checked_time),
  KEY study_created (created_time),
  KEY study_custom1 (study_custom1(64)),
  KEY study_custom2 (study_custom2(64)),
  KEY study_custom3 (study_custom3(64)),
  KEY study_datetime (study_datetime),
  KEY study_desc (study_desc(64)),
  KEY study_id (study_id(64)),
  UNIQUE KEY study_iuid (study_iuid(64)),
  KEY study_status (study_status),
  KEY study_status_id (study_status_id(16)),
  KEY study_updated (updated_time),
  CONSTRAINT accno_issuer_fk FOREIGN KEY (accno_issuer_fk) REFERENCES issuer (pk),
  CONSTRAINT patient_fk FOREIGN KEY (patient_fk) REFERENCES patient (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_study_pcode (
  study_fk BIGINT,
  pcode_fk BIGINT,
  KEY pcode_study_fk (study_fk),
  KEY study_pcode_fk (pcode_fk),
  CONSTRAINT pcode_study_fk FOREIGN KEY (study_fk) REFERENCES study (pk),
  CONSTRAINT study_pcode_fk FOREIGN KEY (pcode_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS study_permission (
  pk         BIGINT       NOT NULL AUTO_INCREMENT,
  study_iuid VARCHAR(250) NOT NULL,
  action     VARCHAR(250) NOT NULL,
  roles      VARCHAR(250) NOT NULL,
  PRIMARY KEY (pk),
  UNIQUE KEY study_perm_idx (study_iuid(64), action(1), roles(16))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS published_study (
  pk             BIGINT       NOT NULL AUTO_INCREMENT,
  study_fk       BIGINT,
  created_time   DATETIME,
  updated_time   DATETIME,
  doc_uid        VARCHAR(250),
  docentry_uid   VARCHAR(250),
  repository_uid VARCHAR(250),
  status         INT          NOT NULL,
  PRIMARY KEY (pk),
  KEY published_study (study_fk),
  KEY published_study_status (status),
  KEY repository_uid (repository_uid),
  CONSTRAINT published_study_ibfk_1 FOREIGN KEY (study_fk) REFERENCES study (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Series: and the requests they answer.

CREATE TABLE IF NOT EXISTS series (
  pk               BIGINT       NOT NULL AUTO_INCREMENT,
  study_fk         BIGINT,
  mpps_fk          BIGINT,
  inst_code_fk     BIGINT,
  series_iuid      VARCHAR(250) NOT NULL,
  series_no        VARCHAR(250),
  modality         VARCHAR(250),
  body_part        VARCHAR(250),
  laterality       VARCHAR(250),
  series_desc      VARCHAR(250),
  institution      VARCHAR(250),
  station_name     VARCHAR(250),
  department       VARCHAR(250),
  perf_physician   VARCHAR(250),
  perf_phys_fn_sx  VARCHAR(250),
  perf_phys_gn_sx  VARCHAR(250),
  perf_phys_i_name VARCHAR(250),
  perf_phys_p_name VARCHAR(250),
  pps_start        DATETIME,
  pps_iuid         VARCHAR(250),
  series_custom1   VARCHAR(250),
  series_custom2   VARCHAR(250),
  series_custom3   VARCHAR(250),
  num_instances    INT,
  src_aet          VARCHAR(250),
  ext_retr_aet     VARCHAR(250),
  retrieve_aets    VARCHAR(250),
  fileset_iuid     VARCHAR(250),
  fileset_id       VARCHAR(250),
  availability     INT          NOT NULL,
  series_status    INT          NOT NULL,
  created_time     DATETIME,
  updated_time     DATETIME,
  series_attrs     LONGBLOB,
  PRIMARY KEY (pk),
  KEY body_part (body_part(16)),
  KEY department (department(64)),
  KEY institution (institution(64)),
  KEY laterality (laterality(16)),
  KEY modality (modality(16)),
  KEY perf_physician (perf_physician(64)),
  KEY perf_phys_fn_sx (perf_phys_fn_sx(16)),
  KEY perf_phys_gn_sx (perf_phys_gn_sx(16)),
  KEY perf_phys_i_name (perf_phys_i_name(64)),
  KEY perf_phys_p_name (perf_phys_p_name(64)),
  KEY series_created (created_time),
  KEY series_custom1 (series_custom1(64)),
  KEY series_custom2 (series_custom2(64)),
  KEY series_custom3 (series_custom3(64)),
  KEY series_desc (series_desc(64)),
  KEY series_inst_code_fk (inst_code_fk),
  UNIQUE KEY series_iuid (series_iuid(64)),
  KEY series_mpps_fk (mpps_fk),
  KEY series_no (series_no(16)),
  KEY series_pps_iuid (pps_iuid(64)),
  KEY series_pps_start (pps_start),
  KEY series_src_aet (src_aet(64)),
  KEY series_status (series_status),
  KEY series_updated (updated_time),
  KEY station_name (station_name(16)),
  KEY study_fk (study_fk),
  CONSTRAINT series_inst_code_fk FOREIGN KEY (inst_code_fk) REFERENCES code (pk),
  CONSTRAINT series_mpps_fk FOREIGN KEY (mpps_fk) REFERENCES mpps (pk),
  CONSTRAINT study_fk FOREIGN KEY (study_fk) REFERENCES study (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS series_req (
  pk              BIGINT       NOT NULL AUTO_INCREMENT,
  series_fk       BIGINT,
  accno_issuer_fk BIGINT,
  accession_no    VARCHAR(250),
  study_iuid      VARCHAR(250),
  req_proc_id     VARCHAR(250),
  sps_id          VARCHAR(250),
  req_service     VARCHAR(250),
  req_physician   VARCHAR(250),
  req_phys_fn_sx  VARCHAR(250),
  req_phys_gn_sx  VARCHAR(250),
  req_phys_i_name VARCHAR(250),
  req_phys_p_name VARCHAR(250),
  PRIMARY KEY (pk),
  KEY ser_req_accession_no (accession_no(16)),
  KEY ser_req_accno_issuer_fk (accno_issuer_fk),
  KEY ser_req_phys (req_physician(64)),
  KEY ser_req_phys_fn_sx (req_phys_fn_sx(16)),
  KEY ser_req_phys_gn_sx (req_phys_gn_sx(16)),
  KEY ser_req_phys_i (req_phys_i_name(64)),
  KEY ser_req_phys_p (req_phys_p_name(64)),
  KEY ser_req_proc_id (req_proc_id(16)),
  KEY ser_req_series_fk (series_fk),
  KEY ser_req_service (req_service(64)),
  KEY ser_req_sps_id (sps_id(16)),
  KEY ser_req_study_iuid (study_iuid(64)),
  CONSTRAINT ser_req_accno_issuer_fk FOREIGN KEY (accno_issuer_fk) REFERENCES issuer (pk),
  CONSTRAINT ser_req_series_fk FOREIGN KEY (series_fk) REFERENCES series (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Instances: images and reports, the media they were written to, the content of structured reports and who verified it.

CREATE TABLE IF NOT EXISTS media (
  pk                BIGINT       NOT NULL AUTO_INCREMENT,
  fileset_iuid      VARCHAR(250) NOT NULL,
  fileset_id        VARCHAR(250),
  media_rq_iuid     VARCHAR(250),
  media_status      INT          NOT NULL,
  media_status_info VARCHAR(250),
  media_usage       BIGINT       NOT NULL,
  created_time      DATETIME,
  updated_time      DATETIME,
  PRIMARY KEY (pk),
  UNIQUE KEY fileset_iuid (fileset_iuid),
  KEY media_status (media_status)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS instance (
  pk               BIGINT       NOT NULL AUTO_INCREMENT,
  series_fk        BIGINT,
  srcode_fk        BIGINT,
  media_fk         BIGINT,
  sop_iuid         VARCHAR(250) NOT NULL,
  sop_cuid         VARCHAR(250) NOT NULL,
  inst_no          VARCHAR(250),
  content_datetime DATETIME,
  sr_complete      VARCHAR(250),
  sr_verified      VARCHAR(250),
  inst_custom1     VARCHAR(250),
  inst_custom2     VARCHAR(250),
  inst_custom3     VARCHAR(250),
  ext_retr_aet     VARCHAR(250),
  retrieve_aets    VARCHAR(250),
  availability     INT          NOT NULL,
  inst_status      INT          NOT NULL,
  all_attrs        BIT(1)       NOT NULL,
  commitment       BIT(1)       NOT NULL,
  archived         BIT(1)       NOT NULL,
  updated_time     DATETIME,
  created_time     DATETIME,
  inst_attrs       LONGBLOB,
  PRIMARY KEY (pk),
  KEY commitment (commitment),
  KEY content_datetime (content_datetime),
  KEY ext_retr_aet (ext_retr_aet(16)),
  KEY inst_archived (archived),
  KEY inst_created (created_time),
  KEY inst_custom1 (inst_custom1(64)),
  KEY inst_custom2 (inst_custom2(64)),
  KEY inst_custom3 (inst_custom3(64)),
  KEY inst_no (inst_no(16)),
  KEY inst_status (inst_status),
  KEY media_fk (media_fk),
  KEY series_fk (series_fk),
  KEY sop_cuid (sop_cuid(64)),
  UNIQUE KEY sop_iuid (sop_iuid(64)),
  KEY srcode_fk (srcode_fk),
  KEY sr_complete (sr_complete(16)),
  KEY sr_verified (sr_verified(16)),
  CONSTRAINT media_fk FOREIGN KEY (media_fk) REFERENCES media (pk),
  CONSTRAINT series_fk FOREIGN KEY (series_fk) REFERENCES series (pk),
  CONSTRAINT srcode_fk FOREIGN KEY (srcode_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS content_item (
  pk          BIGINT       NOT NULL AUTO_INCREMENT,
  instance_fk BIGINT,
  name_fk     BIGINT,
  code_fk     BIGINT,
  rel_type    VARCHAR(250),
  text_value  VARCHAR(250),
  PRIMARY KEY (pk),
  KEY content_item_code_fk (code_fk),
  KEY content_item_inst_fk (instance_fk),
  KEY content_item_name_fk (name_fk),
  KEY content_item_rel_type (rel_type(16)),
  KEY content_item_text_value (text_value(64)),
  CONSTRAINT content_item_code_fk FOREIGN KEY (code_fk) REFERENCES code (pk),
  CONSTRAINT content_item_inst_fk FOREIGN KEY (instance_fk) REFERENCES instance (pk),
  CONSTRAINT content_item_name_fk FOREIGN KEY (name_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS verify_observer (
  pk              BIGINT       NOT NULL AUTO_INCREMENT,
  instance_fk     BIGINT,
  verify_datetime DATETIME,
  observer_name   VARCHAR(250),
  observer_fn_sx  VARCHAR(250),
  observer_gn_sx  VARCHAR(250),
  observer_i_name VARCHAR(250),
  observer_p_name VARCHAR(250),
  PRIMARY KEY (pk),
  KEY observer_fn_sx (observer_fn_sx(16)),
  KEY observer_gn_sx (observer_gn_sx(16)),
  KEY observer_inst_fk (instance_fk),
  KEY observer_i_name (observer_i_name(64)),
  KEY observer_name (observer_name(64)),
  KEY observer_p_name (observer_p_name(64)),
  KEY verify_datetime (verify_datetime),
  CONSTRAINT observer_inst_fk FOREIGN KEY (instance_fk) REFERENCES instance (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Storage: file systems, the file of each instance (files.filepath under filesystem.dirpath), which study lies where.

CREATE TABLE IF NOT EXISTS filesystem (
  pk           BIGINT       NOT NULL AUTO_INCREMENT,
  next_fk      BIGINT,
  dirpath      VARCHAR(250) NOT NULL,
  fs_group_id  VARCHAR(250) NOT NULL,
  retrieve_aet VARCHAR(250) NOT NULL,
  availability INT          NOT NULL,
  fs_status    INT          NOT NULL,
  user_info    VARCHAR(250),
  PRIMARY KEY (pk),
  KEY fs_availability (availability),
  UNIQUE KEY fs_dirpath (dirpath(64)),
  KEY fs_group_id (fs_group_id(16)),
  KEY fs_next_fk (next_fk),
  KEY fs_retrieve_aet (retrieve_aet(16)),
  KEY fs_status (fs_status),
  CONSTRAINT fs_next_fk FOREIGN KEY (next_fk) REFERENCES filesystem (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS files (
  pk             BIGINT       NOT NULL AUTO_INCREMENT,
  instance_fk    BIGINT,
  filesystem_fk  BIGINT,
  filepath       VARCHAR(250) NOT NULL,
  file_tsuid     VARCHAR(250) NOT NULL,
  file_md5       VARCHAR(250),
  file_size      BIGINT,
  file_status    INT,
  md5_check_time DATETIME,
  created_time   DATETIME,
  PRIMARY KEY (pk),
  KEY filepath (filepath),
  KEY filesystem_fk (filesystem_fk),
  KEY file_created (created_time),
  KEY file_status (file_status),
  KEY file_tsuid (file_tsuid(64)),
  KEY instance_fk (instance_fk),
  KEY md5_check_time (md5_check_time),
  CONSTRAINT filesystem_fk FOREIGN KEY (filesystem_fk) REFERENCES filesystem (pk),
  CONSTRAINT instance_fk FOREIGN KEY (instance_fk) REFERENCES instance (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS study_on_fs (
  pk             BIGINT       NOT NULL AUTO_INCREMENT,
  study_fk       BIGINT,
  filesystem_fk  BIGINT,
  access_time    DATETIME     NOT NULL,
  mark_to_delete BIT(1)       NOT NULL,
  PRIMARY KEY (pk),
  KEY access_time (access_time),
  KEY fs_of_study (filesystem_fk),
  UNIQUE KEY i_study_on_fs (study_fk, filesystem_fk),
  KEY mark_to_delete (mark_to_delete),
  CONSTRAINT fs_of_study FOREIGN KEY (filesystem_fk) REFERENCES filesystem (pk),
  CONSTRAINT i_study_on_fs FOREIGN KEY (study_fk) REFERENCES study (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Deleted and rejected objects: a reduced copy of patient, study, series, instance and file, kept apart from what
-- queries see.

CREATE TABLE IF NOT EXISTS priv_patient (
  pk            BIGINT       NOT NULL AUTO_INCREMENT,
  priv_type     INT          NOT NULL,
  pat_id        VARCHAR(250),
  pat_id_issuer VARCHAR(250),
  pat_name      VARCHAR(250),
  pat_attrs     LONGBLOB,
  PRIMARY KEY (pk),
  KEY priv_pat_id (pat_id, pat_id_issuer(64)),
  KEY priv_pat_name (pat_name(64)),
  KEY priv_pat_type (priv_type)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS priv_study (
  pk           BIGINT       NOT NULL AUTO_INCREMENT,
  patient_fk   BIGINT,
  priv_type    INT          NOT NULL,
  study_iuid   VARCHAR(250) NOT NULL,
  accession_no VARCHAR(250),
  study_attrs  LONGBLOB,
  PRIMARY KEY (pk),
  KEY priv_patient_fk (patient_fk),
  KEY priv_study_accs_no (accession_no(16)),
  KEY priv_study_iuid (study_iuid(64)),
  KEY priv_study_type (priv_type),
  CONSTRAINT priv_patient_fk FOREIGN KEY (patient_fk) REFERENCES priv_patient (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS priv_series (
  pk           BIGINT       NOT NULL AUTO_INCREMENT,
  study_fk     BIGINT,
  priv_type    INT          NOT NULL,
  series_iuid  VARCHAR(250) NOT NULL,
  src_aet      VARCHAR(250),
  series_attrs LONGBLOB,
  PRIMARY KEY (pk),
  KEY priv_series_iuid (series_iuid(64)),
  KEY priv_series_type (priv_type),
  KEY priv_ser_src_aet (src_aet(16)),
  KEY priv_study_fk (study_fk),
  CONSTRAINT priv_study_fk FOREIGN KEY (study_fk) REFERENCES priv_study (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS priv_instance (
  pk           BIGINT       NOT NULL AUTO_INCREMENT,
  series_fk    BIGINT,
  priv_type    INT          NOT NULL,
  sop_iuid     VARCHAR(250) NOT NULL,
  created_time DATETIME,
  inst_attrs   LONGBLOB,
  PRIMARY KEY (pk),
  KEY priv_inst_created (created_time),
  KEY priv_inst_type (priv_type),
  KEY priv_series_fk (series_fk),
  KEY priv_sop_iuid (sop_iuid(64)),
  CONSTRAINT priv_series_fk FOREIGN KEY (series_fk) REFERENCES priv_series (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS priv_file (
  pk            BIGINT       NOT NULL AUTO_INCREMENT,
  instance_fk   BIGINT,
  filesystem_fk BIGINT,
  filepath      VARCHAR(250) NOT NULL,
  file_tsuid    VARCHAR(250) NOT NULL,
  file_md5      VARCHAR(250),
  file_size     BIGINT,
  file_status   INT,
  PRIMARY KEY (pk),
  KEY priv_fs_fk (filesystem_fk),
  KEY priv_instance_fk (instance_fk),
  CONSTRAINT priv_fs_fk FOREIGN KEY (filesystem_fk) REFERENCES filesystem (pk),
  CONSTRAINT priv_instance_fk FOREIGN KEY (instance_fk) REFERENCES priv_instance (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Modality worklist: scheduled procedure steps, and the stations that perform a protocol.

CREATE TABLE IF NOT EXISTS mwl_item (
  pk               BIGINT       NOT NULL AUTO_INCREMENT,
  patient_fk       BIGINT,
  sps_status       INT,
  sps_id           VARCHAR(250),
  start_datetime   DATETIME     NOT NULL,
  station_aet      VARCHAR(250) NOT NULL,
  station_name     VARCHAR(250),
  modality         VARCHAR(250) NOT NULL,
  perf_physician   VARCHAR(250),
  perf_phys_fn_sx  VARCHAR(250),
  perf_phys_gn_sx  VARCHAR(250),
  perf_phys_i_name VARCHAR(250),
  perf_phys_p_name VARCHAR(250),
  req_proc_id      VARCHAR(250) NOT NULL,
  accession_no     VARCHAR(250),
  study_iuid       VARCHAR(250) NOT NULL,
  updated_time     DATETIME,
  created_time     DATETIME,
  item_attrs       LONGBLOB,
  PRIMARY KEY (pk),
  KEY mwl_accession_no (accession_no(16)),
  KEY mwl_modality (modality(16)),
  KEY mwl_patient_fk (patient_fk),
  KEY mwl_perf_physician (perf_physician(64)),
  KEY mwl_perf_phys_fn_sx (perf_phys_fn_sx(16)),
  KEY mwl_perf_phys_gn_sx (perf_phys_gn_sx(16)),
  KEY mwl_perf_phys_i_nm (perf_phys_i_name(64)),
  KEY mwl_perf_phys_p_nm (perf_phys_p_name(64)),
  KEY mwl_req_proc_id (req_proc_id(16)),
  UNIQUE KEY mwl_sps_id (sps_id(16), req_proc_id(16)),
  KEY mwl_start_time (start_datetime),
  KEY mwl_station_aet (station_aet(16)),
  KEY mwl_station_name (station_name(16)),
  KEY mwl_study_iuid (study_iuid(64)),
  KEY sps_status (sps_status),
  CONSTRAINT mwl_patient_fk FOREIGN KEY (patient_fk) REFERENCES patient (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS device (
  pk           BIGINT       NOT NULL AUTO_INCREMENT,
  station_name VARCHAR(250) NOT NULL,
  station_aet  VARCHAR(250) NOT NULL,
  modality     VARCHAR(250) NOT NULL,
  PRIMARY KEY (pk),
  UNIQUE KEY dev_station_name (station_name(16))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_dev_proto (
  device_fk BIGINT,
  prcode_fk BIGINT,
  KEY device_fk (device_fk),
  KEY prcode_fk (prcode_fk),
  CONSTRAINT device_fk FOREIGN KEY (device_fk) REFERENCES device (pk),
  CONSTRAINT prcode_fk FOREIGN KEY (prcode_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- General purpose worklist: scheduled steps (gpsps), performed steps (gppps) and their codes.

CREATE TABLE IF NOT EXISTS gpsps (
  pk              BIGINT       NOT NULL AUTO_INCREMENT,
  patient_fk      BIGINT,
  code_fk         BIGINT,
  gpsps_iuid      VARCHAR(250) NOT NULL,
  gpsps_tuid      VARCHAR(250),
  start_datetime  DATETIME     NOT NULL,
  end_datetime    DATETIME,
  gpsps_status    INT,
  gpsps_prior     INT,
  in_availability INT,
  item_attrs      LONGBLOB,
  PRIMARY KEY (pk),
  KEY gpsps_code_fk (code_fk),
  KEY gpsps_end_time (end_datetime),
  UNIQUE KEY gpsps_iuid (gpsps_iuid(64)),
  KEY gpsps_patient_fk (patient_fk),
  KEY gpsps_prior (gpsps_prior),
  KEY gpsps_start_time (start_datetime),
  KEY gpsps_status (gpsps_status),
  KEY gpsps_tuid (gpsps_tuid(64)),
  KEY in_availability (in_availability),
  CONSTRAINT gpsps_code_fk FOREIGN KEY (code_fk) REFERENCES code (pk),
  CONSTRAINT gpsps_patient_fk FOREIGN KEY (patient_fk) REFERENCES patient (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS gpsps_perf (
  pk              BIGINT       NOT NULL AUTO_INCREMENT,
  gpsps_fk        BIGINT,
  code_fk         BIGINT,
  human_perf_name VARCHAR(250),
  hum_perf_fn_sx  VARCHAR(250),
  hum_perf_gn_sx  VARCHAR(250),
  hum_perf_i_name VARCHAR(250),
  hum_perf_p_name VARCHAR(250),
  PRIMARY KEY (pk),
  KEY gpsps_perf_code_fk (code_fk),
  KEY gpsps_perf_fn_sx (hum_perf_fn_sx(16)),
  KEY gpsps_perf_gn_sx (hum_perf_gn_sx(16)),
  KEY gpsps_perf_i_name (hum_perf_i_name(64)),
  KEY gpsps_perf_name (human_perf_name(64)),
  KEY gpsps_perf_p_name (hum_perf_p_name(64)),
  KEY gpsps_perf_sps_fk (gpsps_fk),
  CONSTRAINT gpsps_perf_code_fk FOREIGN KEY (code_fk) REFERENCES code (pk),
  CONSTRAINT gpsps_perf_sps_fk FOREIGN KEY (gpsps_fk) REFERENCES gpsps (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS gpsps_req (
  pk           BIGINT       NOT NULL AUTO_INCREMENT,
  gpsps_fk     BIGINT,
  req_proc_id  VARCHAR(250),
  accession_no VARCHAR(250),
  PRIMARY KEY (pk),
  KEY gpsps_req_acc_no (accession_no),
  KEY gpsps_req_gpsps_fk (gpsps_fk),
  KEY gpsps_req_proc_id (req_proc_id),
  CONSTRAINT gpsps_req_gpsps_fk FOREIGN KEY (gpsps_fk) REFERENCES gpsps (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS gppps (
  pk           BIGINT       NOT NULL AUTO_INCREMENT,
  patient_fk   BIGINT,
  pps_iuid     VARCHAR(250) NOT NULL,
  pps_start    DATETIME,
  pps_status   INT          NOT NULL,
  created_time DATETIME,
  updated_time DATETIME,
  pps_attrs    LONGBLOB,
  PRIMARY KEY (pk),
  UNIQUE KEY gppps_iuid (pps_iuid),
  KEY gppps_patient_fk (patient_fk),
  KEY gppps_pps_start (pps_start),
  CONSTRAINT gppps_patient_fk FOREIGN KEY (patient_fk) REFERENCES patient (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_gpsps_appcode (
  gpsps_fk   BIGINT,
  appcode_fk BIGINT,
  KEY appcode_gpsps_fk (gpsps_fk),
  KEY gpsps_appcode_fk (appcode_fk),
  CONSTRAINT appcode_gpsps_fk FOREIGN KEY (gpsps_fk) REFERENCES gpsps (pk),
  CONSTRAINT gpsps_appcode_fk FOREIGN KEY (appcode_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_gpsps_devclass (
  gpsps_fk    BIGINT,
  devclass_fk BIGINT,
  KEY devclass_gpsps_fk (gpsps_fk),
  KEY gpsps_devclass_fk (devclass_fk),
  CONSTRAINT devclass_gpsps_fk FOREIGN KEY (gpsps_fk) REFERENCES gpsps (pk),
  CONSTRAINT gpsps_devclass_fk FOREIGN KEY (devclass_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_gpsps_devloc (
  gpsps_fk  BIGINT,
  devloc_fk BIGINT,
  KEY devloc_gpsps_fk (gpsps_fk),
  KEY gpsps_devloc_fk (devloc_fk),
  CONSTRAINT devloc_gpsps_fk FOREIGN KEY (gpsps_fk) REFERENCES gpsps (pk),
  CONSTRAINT gpsps_devloc_fk FOREIGN KEY (devloc_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_gpsps_devname (
  gpsps_fk   BIGINT,
  devname_fk BIGINT,
  KEY devname_gpsps_fk (gpsps_fk),
  KEY gpsps_devname_fk (devname_fk),
  CONSTRAINT devname_gpsps_fk FOREIGN KEY (gpsps_fk) REFERENCES gpsps (pk),
  CONSTRAINT gpsps_devname_fk FOREIGN KEY (devname_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_gpsps_gppps (
  gpsps_fk BIGINT,
  gppps_fk BIGINT,
  KEY gppps_gpsps_fk (gpsps_fk),
  KEY gpsps_gppps_fk (gppps_fk),
  CONSTRAINT gppps_gpsps_fk FOREIGN KEY (gpsps_fk) REFERENCES gpsps (pk),
  CONSTRAINT gpsps_gppps_fk FOREIGN KEY (gppps_fk) REFERENCES gppps (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Unified procedure steps (UPS): with codes, related and replaced steps, requests and subscriptions.

CREATE TABLE IF NOT EXISTS ups (
  pk                BIGINT       NOT NULL AUTO_INCREMENT,
  patient_fk        BIGINT,
  code_fk           BIGINT,
  ups_iuid          VARCHAR(250) NOT NULL,
  ups_tuid          VARCHAR(250),
  adm_id            VARCHAR(250),
  adm_id_issuer_id  VARCHAR(250),
  adm_id_issuer_uid VARCHAR(250),
  ups_label         VARCHAR(250) NOT NULL,
  uwl_label         VARCHAR(250) NOT NULL,
  ups_start_time    DATETIME     NOT NULL,
  ups_compl_time    DATETIME,
  ups_state         INT,
  ups_prior         INT,
  created_time      DATETIME,
  updated_time      DATETIME,
  ups_attrs         LONGBLOB,
  PRIMARY KEY (pk),
  KEY ups_adm_id (adm_id),
  KEY ups_adm_id_issuer_id (adm_id_issuer_id),
  KEY ups_adm_id_issuer_uid (adm_id_issuer_uid),
  KEY ups_code_fk (code_fk),
  KEY ups_compl_time (ups_compl_time),
  UNIQUE KEY ups_iuid (ups_iuid),
  KEY ups_label (ups_label),
  KEY ups_patient_fk (patient_fk),
  KEY ups_prior (ups_prior),
  KEY ups_start_time (ups_start_time),
  KEY ups_state (ups_state),
  KEY ups_tuid (ups_tuid),
  KEY ups_updated_time (updated_time),
  KEY uwl_label (uwl_label),
  CONSTRAINT ups_code_fk FOREIGN KEY (code_fk) REFERENCES code (pk),
  CONSTRAINT ups_patient_fk FOREIGN KEY (patient_fk) REFERENCES patient (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS ups_rel_ps (
  pk       BIGINT       NOT NULL AUTO_INCREMENT,
  ups_fk   BIGINT,
  sop_iuid VARCHAR(250) NOT NULL,
  sop_cuid VARCHAR(250) NOT NULL,
  PRIMARY KEY (pk),
  KEY ups_rel_ps_cuid (sop_cuid),
  KEY ups_rel_ps_iuid (sop_iuid),
  KEY ups_rel_ps_ups_fk (ups_fk),
  CONSTRAINT ups_rel_ps_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS ups_repl_ps (
  pk       BIGINT       NOT NULL AUTO_INCREMENT,
  ups_fk   BIGINT,
  sop_iuid VARCHAR(250) NOT NULL,
  sop_cuid VARCHAR(250) NOT NULL,
  PRIMARY KEY (pk),
  KEY ups_repl_ps_cuid (sop_cuid),
  KEY ups_repl_ps_iuid (sop_iuid),
  KEY ups_repl_ps_ups_fk (ups_fk),
  CONSTRAINT ups_repl_ps_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS ups_req (
  pk              BIGINT       NOT NULL AUTO_INCREMENT,
  ups_fk          BIGINT,
  req_proc_id     VARCHAR(250),
  accession_no    VARCHAR(250),
  confidentiality VARCHAR(250),
  req_service     VARCHAR(250),
  PRIMARY KEY (pk),
  KEY ups_confidentiality (confidentiality),
  KEY ups_req_acc_no (accession_no),
  KEY ups_req_proc_id (req_proc_id),
  KEY ups_req_service (req_service),
  KEY ups_req_ups_fk (ups_fk),
  CONSTRAINT ups_req_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS ups_subscr (
  pk            BIGINT       NOT NULL AUTO_INCREMENT,
  ups_fk        BIGINT,
  aet           VARCHAR(250) NOT NULL,
  deletion_lock BIT(1)       NOT NULL,
  PRIMARY KEY (pk),
  KEY ups_deletion_lock (deletion_lock),
  KEY ups_subscr_aet (aet),
  KEY ups_subscr_ups_fk (ups_fk),
  CONSTRAINT ups_subscr_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS ups_glob_subscr (
  pk            BIGINT       NOT NULL AUTO_INCREMENT,
  aet           VARCHAR(250) NOT NULL,
  deletion_lock BIT(1)       NOT NULL,
  PRIMARY KEY (pk),
  UNIQUE KEY ups_glob_subscr_aet (aet)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_ups_appcode (
  ups_fk     BIGINT,
  appcode_fk BIGINT,
  KEY appcode_ups_fk (ups_fk),
  KEY ups_appcode_fk (appcode_fk),
  CONSTRAINT appcode_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk),
  CONSTRAINT ups_appcode_fk FOREIGN KEY (appcode_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_ups_devclass (
  ups_fk      BIGINT,
  devclass_fk BIGINT,
  KEY devclass_ups_fk (ups_fk),
  KEY ups_devclass_fk (devclass_fk),
  CONSTRAINT devclass_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk),
  CONSTRAINT ups_devclass_fk FOREIGN KEY (devclass_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_ups_devloc (
  ups_fk    BIGINT,
  devloc_fk BIGINT,
  KEY devloc_ups_fk (ups_fk),
  KEY ups_devloc_fk (devloc_fk),
  CONSTRAINT devloc_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk),
  CONSTRAINT ups_devloc_fk FOREIGN KEY (devloc_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_ups_devname (
  ups_fk     BIGINT,
  devname_fk BIGINT,
  KEY devname_ups_fk (ups_fk),
  KEY ups_devname_fk (devname_fk),
  CONSTRAINT devname_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk),
  CONSTRAINT ups_devname_fk FOREIGN KEY (devname_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_ups_performer (
  ups_fk       BIGINT,
  performer_fk BIGINT,
  KEY performer_ups_fk (ups_fk),
  KEY ups_performer_fk (performer_fk),
  CONSTRAINT performer_ups_fk FOREIGN KEY (ups_fk) REFERENCES ups (pk),
  CONSTRAINT ups_performer_fk FOREIGN KEY (performer_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Hanging protocols: and the procedures, reasons and regions they are for.

CREATE TABLE IF NOT EXISTS hp (
  pk          BIGINT       NOT NULL AUTO_INCREMENT,
  user_fk     BIGINT,
  hp_iuid     VARCHAR(250) NOT NULL,
  hp_cuid     VARCHAR(250),
  hp_name     VARCHAR(250),
  hp_group    VARCHAR(250),
  hp_level    INT,
  num_priors  INT,
  num_screens INT,
  hp_attrs    LONGBLOB,
  PRIMARY KEY (pk),
  KEY hp_cuid (hp_cuid(64)),
  UNIQUE KEY hp_iuid (hp_iuid(64)),
  KEY hp_level (hp_level),
  KEY hp_name (hp_name(64)),
  KEY hp_user_fk (user_fk),
  KEY num_priors (num_priors),
  KEY num_screens (num_screens),
  CONSTRAINT hp_user_fk FOREIGN KEY (user_fk) REFERENCES code (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS hpdef (
  pk         BIGINT       NOT NULL AUTO_INCREMENT,
  hp_fk      BIGINT,
  modality   VARCHAR(250),
  laterality VARCHAR(250),
  PRIMARY KEY (pk),
  KEY hpdef_laterality (laterality(16)),
  KEY hpdef_modality (modality(16)),
  KEY hp_fk (hp_fk),
  CONSTRAINT hp_fk FOREIGN KEY (hp_fk) REFERENCES hp (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_hpdef_proc (
  hpdef_fk BIGINT,
  proc_fk  BIGINT,
  KEY hpdef_proc_fk (proc_fk),
  KEY proc_hpdef_fk (hpdef_fk),
  CONSTRAINT hpdef_proc_fk FOREIGN KEY (proc_fk) REFERENCES code (pk),
  CONSTRAINT proc_hpdef_fk FOREIGN KEY (hpdef_fk) REFERENCES hpdef (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_hpdef_reason (
  hpdef_fk  BIGINT,
  reason_fk BIGINT,
  KEY hpdef_reason_fk (reason_fk),
  KEY reason_hpdef_fk (hpdef_fk),
  CONSTRAINT hpdef_reason_fk FOREIGN KEY (reason_fk) REFERENCES code (pk),
  CONSTRAINT reason_hpdef_fk FOREIGN KEY (hpdef_fk) REFERENCES hpdef (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS rel_hpdef_region (
  hpdef_fk  BIGINT,
  region_fk BIGINT,
  KEY hpdef_region_fk (region_fk),
  KEY region_hpdef_fk (hpdef_fk),
  CONSTRAINT hpdef_region_fk FOREIGN KEY (region_fk) REFERENCES code (pk),
  CONSTRAINT region_hpdef_fk FOREIGN KEY (hpdef_fk) REFERENCES hpdef (pk)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Users and application entities: who may log in to the web pages, and the DICOM nodes the archive knows.

CREATE TABLE IF NOT EXISTS users (
  user_id VARCHAR(250) NOT NULL,
  passwd  VARCHAR(250),
  PRIMARY KEY (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS roles (
  user_id VARCHAR(250),
  roles   VARCHAR(250),
  KEY roles_user_id (user_id),
  CONSTRAINT roles_user_id FOREIGN KEY (user_id) REFERENCES users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS ae (
  pk            BIGINT       NOT NULL AUTO_INCREMENT,
  aet           VARCHAR(250) NOT NULL,
  hostname      VARCHAR(250) NOT NULL,
  port          INT          NOT NULL,
  cipher_suites VARCHAR(250),
  pat_id_issuer VARCHAR(250),
  acc_no_issuer VARCHAR(250),
  user_id       VARCHAR(250),
  passwd        VARCHAR(250),
  fs_group_id   VARCHAR(250),
  ae_group      VARCHAR(250),
  ae_desc       VARCHAR(250),
  wado_url      VARCHAR(250),
  station_name  VARCHAR(250),
  institution   VARCHAR(250),
  department    VARCHAR(250),
  installed     BIT(1)       NOT NULL,
  vendor_data   LONGBLOB,
  PRIMARY KEY (pk),
  UNIQUE KEY aet (aet(64)),
  KEY ae_group (ae_group),
  KEY hostname (hostname(16))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Initial rows, for an archive that was never used: no patient, no study, no application entity. In any other they are
-- the site's: a user it deleted, a password it changed, a title it renamed must not come back. One transaction, so that
-- a run that is killed leaves none of them; the rows of ae come last, as the sign that the script ran to its end. Users
-- and roles are looked at by themselves: a load that once ended between them is completed, and replaces nothing.
-- The passwords are base64 of the SHA-1 of 'admin' and of 'user': change them before anybody can reach the archive.

SET @dcm_unused = NOT EXISTS (SELECT 1 FROM ae) AND NOT EXISTS (SELECT 1 FROM patient) AND NOT EXISTS (SELECT 1 FROM study);
SET @dcm_no_users = @dcm_unused AND NOT EXISTS (SELECT 1 FROM users);
SET @dcm_no_roles = @dcm_unused AND NOT EXISTS (SELECT 1 FROM roles);

START TRANSACTION;

INSERT INTO users (user_id, passwd)
SELECT 'admin', '0DPiKuNIrrVmD8IUCuw1hQxNqZc=' FROM DUAL WHERE @dcm_no_users UNION ALL
SELECT 'user', 'Et6pb+wgWTVmq3VpLJlJWWgzrck=' FROM DUAL WHERE @dcm_no_users;

INSERT INTO roles (user_id, roles)
SELECT users.user_id, initial.role
FROM users JOIN (
  SELECT 'admin' AS id, 'JBossAdmin' AS role UNION ALL
  SELECT 'admin', 'WebAdmin' UNION ALL
  SELECT 'admin', 'WebUser' UNION ALL
  SELECT 'admin', 'McmUser' UNION ALL
  SELECT 'admin', 'AuditLogUser' UNION ALL
  SELECT 'admin', 'Doctor' UNION ALL
  SELECT 'user', 'WebUser' UNION ALL
  SELECT 'user', 'McmUser' UNION ALL
  SELECT 'user', 'Doctor'
) AS initial ON initial.id = users.user_id
WHERE @dcm_no_roles;

INSERT INTO ae (pk, aet, hostname, port, pat_id_issuer, ae_desc, installed)
SELECT 1, 'DCM4CHEE', 'localhost', 11112, 'DCM4CHEE', 'This dcm4chee archive instance', b'1' FROM DUAL WHERE @dcm_unused;

INSERT INTO ae (pk, aet, hostname, port, ae_desc, installed)
SELECT 2, 'CDRECORD', 'localhost', 10104, 'Media Creation Server (part of dcm4chee)', b'1' FROM DUAL WHERE @dcm_unused;

COMMIT;
