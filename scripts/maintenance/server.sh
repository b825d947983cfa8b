# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# What the scripts have to do in the tree of the server, who is not trusted: what he can write, he may turn into a link, a pipe or
# another directory at any moment. Source it after lib.sh:
#   as_server CMD...        run it with the rights of the server's user and no more, nor its environment; for server_limit at the most, when that is set
#   read_state NAME         what was kept under that name, 64 kB at most; nothing when there is nothing
#   write_state NAME        keep standard input under that name; fails when it cannot
#   remove_state NAME
# State is in $volume/.dcm/maintenance, which root alone can enter where the file system knows owners. Elsewhere it is data of a
# stranger: whoever reads it takes it apart as strictly as a message from the network.

# Who keeps .dcm where the server is root: root without capabilities cannot enter it then.
keeper=11114

# Sets server_user to UID:GID: what the site says, else what was decided when the volume was filled or adopted, else what that
# decision will look at.
find_server_user() {
    local record owner
    record=$(in_directory .dcm regular run-as) || record=''
    owner=$(stat -c %u:%a "$volume/.dcm" 2>/dev/null) || owner=''
    if [[ ${DCM_RUN_AS:-} =~ ^([0-9]{1,9})(:([0-9]{1,9}))?$ ]]; then
        server_user=${BASH_REMATCH[1]}:${BASH_REMATCH[3]:-${BASH_REMATCH[1]}}
    elif [[ $owner =~ ^(0|$keeper):700$ && $record =~ ^([0-9]{1,9}:[0-9]{1,9})\ (seeded|settled)(\ files)?$ ]]; then
        server_user=${BASH_REMATCH[1]}
    else
        server_user=$(stat -c %u:%g "$volume" 2>/dev/null) || server_user=0:0
        [[ $server_user != 0:* ]] || server_user=$(stat -c %u:%g "$volume/conf" 2>/dev/null) ||
            server_user=$(id -u dcm 2>/dev/null):$(id -g dcm 2>/dev/null) || server_user=$(id -u):$(id -g)
    fi
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
