# SPDX-License-Identifier: Apache-2.0
# A real MariaDB for one test: its own directory, port and socket, on 127.0.0.1, nothing of the host's configuration.
# It resolves no names: the anonymous user of localhost that Debian 13 makes would stand before the tests' users.
# Source it, then:
#   free_port                          prints a TCP port of 127.0.0.1 that nobody listens on
#   mariadb_start DIR [OPTION...]      start a server on DIR/data (made when missing); sets MARIADB_DIR, MARIADB_SOCKET,
#                                      MARIADB_PORT (kept if set: a restart keeps its port) and MARIADB_PID; waits until it answers
#   mariadb_sql [DB] <<<SQL            run statements as root; rows on stdout, tab-separated, no heading
#   mariadb_create DB USER PASSWORD    a database and a user of TCP and socket with every right to it
#   mariadb_stop                       clean shutdown, waited for; harmless when nothing runs
#   mariadb_kill                       SIGKILL, waited for
# The caller's EXIT trap calls mariadb_stop. Several servers at once: one subshell or one set of MARIADB_* variables each.
# shellcheck shell=bash disable=SC2119,SC2120

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 10000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

mariadb_start() {
    MARIADB_DIR=$1
    shift
    MARIADB_SOCKET=$MARIADB_DIR/s
    local as_root=() fixed_port=${MARIADB_PORT:-} try limit
    [ "$(id -u)" -ne 0 ] || as_root=(--user=root)
    mkdir -p "$MARIADB_DIR/tmp"
    if [ ! -d "$MARIADB_DIR/data/mysql" ]; then
        # in /tmp each start of a server removes the temporary tables of all others
        TMPDIR=$MARIADB_DIR/tmp mariadb-install-db --no-defaults "${as_root[@]}" --datadir="$MARIADB_DIR/data" --skip-test-db \
            --auth-root-authentication-method=normal >"$MARIADB_DIR/install.log" 2>&1 ||
            { cat "$MARIADB_DIR/install.log" >&2; return 1; }
    fi
    for try in 1 2 3 4 5; do
        MARIADB_PORT=${fixed_port:-$(free_port)}
        mariadbd --no-defaults "${as_root[@]}" --datadir="$MARIADB_DIR/data" --socket="$MARIADB_SOCKET" \
            --port="$MARIADB_PORT" --bind-address=127.0.0.1 --pid-file="$MARIADB_DIR/pid" --tmpdir="$MARIADB_DIR/tmp" \
            --skip-name-resolve --innodb-buffer-pool-size=16M --performance-schema=OFF "$@" </dev/null >>"$MARIADB_DIR/log" 2>&1 &
        MARIADB_PID=$! limit=$((SECONDS + 90))
        while kill -0 "$MARIADB_PID" 2>/dev/null; do
            if mariadb_sql <<<'SELECT 1' >/dev/null 2>"$MARIADB_DIR/client.log"; then
                return 0
            fi
            [ "$SECONDS" -lt "$limit" ] || { cat "$MARIADB_DIR/client.log" >&2; mariadb_kill; return 1; }
            sleep 0.05
        done
        wait "$MARIADB_PID" || :
        # a port taken between the choice and the bind is the one failure worth another try
        if [ -n "$fixed_port" ] || ! grep 'Address already in use' "$MARIADB_DIR/log" >/dev/null; then
            break
        fi
    done
    MARIADB_PID=
    echo "mariadb_start: the server did not come up (try $try):" >&2
    tail -n 20 "$MARIADB_DIR/log" >&2
    return 1
}

mariadb_sql() {
    # a MYSQL_HOST in the environment would be where the client goes; since 11.4 the client refuses a server without TLS otherwise
    mariadb --no-defaults --skip-ssl-verify-server-cert --host=localhost --socket="$MARIADB_SOCKET" --user=root --batch --skip-column-names "$@"
}

mariadb_create() {
    # hex and quote doubling keep every character out of the statement's syntax
    local hex
    hex=$(printf '%s' "$3" | od -An -v -tx1 | tr -d ' \n')
    mariadb_sql <<EOSQL
CREATE DATABASE IF NOT EXISTS \`${1//\`/\`\`}\`;
SET @statement = CONCAT('CREATE OR REPLACE USER \`${2//[\`\\\']/}\`@\`%\` IDENTIFIED BY ', QUOTE(CONVERT(X'$hex' USING utf8mb4)));
EXECUTE IMMEDIATE @statement;
GRANT ALL PRIVILEGES ON \`${1//\`/\`\`}\`.* TO \`${2//[\`\\\']/}\`@\`%\`;
EOSQL
}

mariadb_stop() {
    [ -n "${MARIADB_PID:-}" ] || return 0
    kill "$MARIADB_PID" 2>/dev/null || :
    wait "$MARIADB_PID" 2>/dev/null || :
    MARIADB_PID=
}

mariadb_kill() {
    [ -n "${MARIADB_PID:-}" ] || return 0
    kill -KILL "$MARIADB_PID" 2>/dev/null || :
    wait "$MARIADB_PID" 2>/dev/null || :
    MARIADB_PID=
}
