# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# Stored files as the database knows them, for dcm4chee's tables and for those of the sandbox server. Source it after lib.sh:
#   stored_schema            asks which tables there are: sets schema to dcm4chee, sandbox or empty (none of them)
#   stored_files WHERE ORDER SQL: key, directory, path in it, MD5, bytes, of files that are online; "-" where there is none;
#                            WHERE and ORDER may name f.pk
#   stored_in DIRECTORY PATH SQL: the paths that the database knows under one unit of the tree
#   online_sql               condition: a file system fs that is online and a directory (tar:... and the like are none)
#   stored_directories_sql [OR-CONDITION]   SQL: the directories, relative to $volume or absolute
#   newest_study_sql
#   stored_bytes_sql         SQL: how many files, and how much they take up
#   stored_counts            how many studies, series, images and files the database knows: four numbers, into db_rows
#   $unit_depth              how deep the directories are that are looked through one at a time
#   absolute DIRECTORY       as a path

stored_schema() {
    db_sql "SELECT GROUP_CONCAT(LOWER(table_name)) FROM information_schema.tables
        WHERE table_schema = DATABASE() AND LOWER(table_name) IN ('study', 'files', 'filesystem', 'resources', 'attachedfiles')"
    schema='' unit_depth=3
    case $db_rows in
        *study*) schema=dcm4chee ;;
        *resources*) schema=sandbox unit_depth=2 ;;
    esac
}

online_sql() {
    echo "fs.availability = 0 AND fs.dirpath NOT REGEXP '^[a-z][a-z0-9.+-]+:'"
}

stored_files() {
    if [ "$schema" = sandbox ]; then
        echo "SELECT * FROM (SELECT id * 100 + fileType AS pk, 'archive', CONCAT(SUBSTR(uuid, 1, 2), '/', SUBSTR(uuid, 3, 2), '/', uuid),
            compressedHash, compressedSize FROM AttachedFiles) f WHERE $1 ORDER BY $2"
    else
        echo "SELECT f.pk, fs.dirpath, f.filepath, IFNULL(NULLIF(f.file_md5, ''), '-'), IFNULL(f.file_size, '-')
            FROM files f JOIN filesystem fs ON f.filesystem_fk = fs.pk WHERE $(online_sql) AND $1 ORDER BY $2"
    fi
}

# 0x literals: a name of the file system is no SQL
hex() {
    printf '0x%s' "$(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n')"
}

stored_in() {
    if [ "$schema" = sandbox ]; then
        echo "SELECT CONCAT(SUBSTR(uuid, 1, 2), '/', SUBSTR(uuid, 3, 2), '/', uuid) FROM AttachedFiles
            WHERE LEFT(uuid, 4) = $(hex "${2//\//}")"
    else
        echo "SELECT f.filepath FROM files f JOIN filesystem fs ON f.filesystem_fk = fs.pk
            WHERE fs.dirpath = $(hex "$1") AND f.filepath >= $(hex "$2/") AND f.filepath < $(hex "${2}0")"
    fi
}

stored_directories_sql() {
    if [ "$schema" = sandbox ]; then
        echo "SELECT 'archive'"
    else
        echo "SELECT dirpath FROM filesystem fs WHERE $(online_sql) ${1:-} ORDER BY dirpath"
    fi
}

newest_study_sql() {
    if [ "$schema" = sandbox ]; then
        echo 'SELECT value FROM MainDicomTags JOIN Resources ON id = internalId WHERE resourceType = 1 AND tagGroup = 32 AND tagElement = 13
            ORDER BY internalId DESC LIMIT 1'
    else
        echo 'SELECT study_iuid FROM study WHERE num_instances > 0 ORDER BY pk DESC LIMIT 1'
    fi
}

stored_bytes_sql() {
    if [ "$schema" = sandbox ]; then
        echo 'SELECT COUNT(*), IFNULL(SUM(compressedSize), 0) FROM AttachedFiles'
    else
        echo 'SELECT COUNT(*), IFNULL(SUM(file_size), 0) FROM files'
    fi
}

stored_counts() {
    case $schema in
        sandbox)
            db_sql 'SELECT (SELECT COUNT(*) FROM Resources WHERE resourceType = 1), (SELECT COUNT(*) FROM Resources WHERE resourceType = 2),
                (SELECT COUNT(*) FROM Resources WHERE resourceType = 3), (SELECT COUNT(*) FROM AttachedFiles)'
            ;;
        dcm4chee)
            db_sql 'SELECT (SELECT COUNT(*) FROM study), (SELECT COUNT(*) FROM series), (SELECT COUNT(*) FROM instance), (SELECT COUNT(*) FROM files)'
            ;;
        *) db_rows=$'0\t0\t0\t0' ;;
    esac
    [[ $db_rows =~ ^[0-9]{1,18}($'\t'[0-9]{1,18}){3}$ ]] || numbers_only "$db_rows"
}

absolute() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$volume/$1" ;;
    esac
}
