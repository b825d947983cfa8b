# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# What the scripts have to do in the tree of the server, who is not trusted: what he can write, he may turn into a link, a pipe or
# another directory at any moment. Source it after lib.sh:
#   as_server CMD...        run it with the rights of the server's user and no more, nor its environment; for server_limit at the most, when that is set
#   stays_out_of_backup NAME   whether it is one of the directories of $volume that the server fills, but for data, which is small.
#                           lib/dcm/core/path_class.cpp has the classes that this follows from; lint compares
#   find_excluded           sets excluded: what below $volume holds DICOM files, logs, scratch; not in a backup, and not moved by a restore.
#                           After stored_schema, with stored.sh
#   read_state NAME         what was kept under that name, 64 kB at most; nothing when there is nothing
#   write_state NAME        keep standard input under that name; fails when it cannot
#   remove_state NAME
# State is in $volume/.dcm/maintenance, which root alone can enter where the file system knows owners. Elsewhere it is data of a
# stranger: whoever reads it takes it apart as strictly as a message from the network.

# Sets server_user to UID:GID.
find_server_user() {
    server_user=$(dcm-start --print-user 2>/dev/null | tr ' ' ':') || server_user=''
    # no volume: logs of something else
    [[ $server_user =~ ^[0-9]+:[0-9]+$ ]] || server_user=$(id -u):$(id -g)
}

as_server() {
    local rights=(--clear-groups --no-new-privs)
    if [ "$(id -u)" != 0 ]; then
        "$@"
        return
    fi
    [ -n "${server_user:-}" ] || find_server_user
    # leaving root for another user leaves its capabilities behind
    [[ $server_user != 0:* ]] || rights+=(--inh-caps=-all --bounding-set=-all)
    # he can read the environment of what runs as him, and stop it
    timeout --foreground --kill-after=10 "${server_limit:-0}" env -i PATH="$PATH" HOME=/ LC_ALL="$LC_ALL" ${TZ:+TZ="$TZ"} \
        setpriv --reuid="${server_user%:*}" --regid="${server_user#*:}" "${rights[@]}" -- "$@"
}

stays_out_of_backup() {
    case $1 in
        archive | log | tar-extracted* | tmp | wadocache* | work) ;;
        *) return 1 ;;
    esac
}

# Sets excluded: names, taken literally, and only of what the image did not make. A row of the database cannot take the configuration out.
find_excluded() {
    local path directory own
    # the first four whether they are there or not: the server may make them while it is read
    excluded=(.dcm archive log tmp work)
    for path in "$volume"/wadocache* "$volume"/tar-extracted*; do
        [ ! -d "$path" ] || excluded+=("${path##*/}")
    done
    [ -n "$schema" ] || return 0
    own=$(printf '%s\n' bin conf data deploy lib && ls -A -- "$volume.dist" 2>/dev/null) || :
    db_sql "$(stored_directories_sql 'OR TRUE')"
    while IFS= read -r directory; do
        directory=${directory#"$volume"/}
        if [[ -n $directory && $directory != [./]* && -d $volume/$directory ]] && ! grep -qxF -e "${directory%%/*}" <<<"$own"; then
            excluded+=("$directory")
        fi
    done <<<"$db_rows"
}

# A command in a directory below $volume, or in that, that is held, not named: nothing that is renamed or linked meanwhile leads elsewhere.
in_directory() ( # DIRECTORY CMD...
    cd -P -- "$volume" 2>/dev/null || exit 66
    local part parts above
    IFS=/ read -ra parts <<<"$1"
    for part in "${parts[@]}"; do
        exec {above}<.
        [ ! -L "$part" ] && cd -P "./$part" 2>/dev/null && [ .. -ef "/proc/self/fd/$above" ] || exit 66
        exec {above}<&-
    done
    shift
    "$@"
)

# Neither a link nor a pipe that nobody writes to is waited for.
regular() { # FILE
    [ -f "$1" ] && dd if="./$1" iflag=nofollow,nonblock,fullblock bs=64K count=1 status=none
}

replace() { # FILE: with standard input; what lies there under any name gives way, whatever it is
    rm -rf -- "./$1.new" && dd of="./$1.new" conv=excl,fsync status=none && mv -T -- "./$1.new" "./$1"
}

read_state() {
    in_directory .dcm/maintenance regular "$1" || :
}

write_state() {
    in_directory .dcm mkdir -m 700 -p maintenance || :
    (umask 077 && in_directory .dcm/maintenance replace "$1")
}

remove_state() {
    in_directory .dcm/maintenance rm -f -- "$1" || :
}
