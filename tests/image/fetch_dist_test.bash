#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# image/fetch-dist against an HTTP server on loopback, on small files in the place of the real ones.
set -u
for tool in curl python3 flock; do
  command -v "$tool" >/dev/null || { printf 'skipped: needs %s\n' "$tool"; exit 77; }
done
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
fail() { printf 'FAILED: %s\n' "$*"; cat "$work/out" "$work/err"; exit 1; }
mkdir -p "$work/image/dist" "$work/www"
cp "$DCM_SOURCE/image/fetch-dist" "$work/image/"
printf 'jboss' >"$work/www/jboss.zip"
{ printf 'PK' && head -c 300000 /dev/urandom; } >"$work/www/big.zip"
printf 'jar' | gzip >"$work/www/connector.tar.gz"
jboss=$(sha256sum <"$work/www/jboss.zip" | cut -d' ' -f1)
cat >"$work/image/dist/artifacts" <<EOF_LIST
# a comment
base $jboss jboss.zip http://127.0.0.1:1/unused
base - big.zip http://127.0.0.1:1/unused
connector - connector.tar.gz http://127.0.0.1:1/unused
EOF_LIST

# One request in two dies in the middle of a body; ranges are honoured and logged.
cat >"$work/server.py" <<'EOF_SERVER'
import http.server, os, sys
broken = set()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/")
        if not os.path.exists(name):
            return self.send_error(404)
        data = open(name, "rb").read()
        start = int(self.headers.get("Range", "bytes=0-")[6:].rstrip("-"))
        with open("requests", "a") as log:
            log.write(f"{name} {start}\n")
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if name == "big.zip" and name not in broken and os.path.exists("break"):
            broken.add(name)
            self.wfile.write(data[:100000])
            self.close_connection = True
            return
        self.wfile.write(data[start:])
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
EOF_SERVER
exec 8< <(cd "$work/www" && exec python3 "$work/server.py")
server=$!
read -r port <&8
run() { # expected status, arguments
  local expected=$1 actual=0
  shift
  env -i PATH="$PATH" _DCM_FETCH_DELAY=0 "$work/image/fetch-dist" --mirror "http://127.0.0.1:$port" "$@" \
    >"$work/out" 2>"$work/err" || actual=$?
  [ "$actual" -eq "$expected" ] || fail "fetch-dist $*: status $actual, expected $expected"
}
dist=$work/image/dist

run 66 --check
grep -F 'jboss.zip is missing' "$work/err" >/dev/null || fail "the missing file is not named"

touch "$work/www/break"
run 69
[ "$(cd "$dist" && echo big.zip*)" = big.zip.part ] || fail "an interrupted download must stay a part"
run 0
grep -Fx 'big.zip 100000' "$work/www/requests" >/dev/null || fail "the download was not resumed where it stopped"
cmp "$work/www/big.zip" "$dist/big.zip" || fail "the resumed file differs"
[ "$(cat "$dist/SHA256SUMS")" = "$(sha256sum <"$dist/big.zip" | cut -d' ' -f1)  big.zip" ] || fail "only the unknown sum is recorded"
[ ! -e "$dist/connector.tar.gz" ] || fail "the connector was not asked for"

: >"$work/www/requests"
run 0
[ ! -s "$work/www/requests" ] || fail "a second run must download nothing"
run 0 --with-connector
cmp "$work/www/connector.tar.gz" "$dist/connector.tar.gz" || fail "the connector was not fetched"

# an error page is no file, by download or by hand
printf '<html>try later</html>' >"$work/www/page.war"
cp "$dist/artifacts" "$work/artifacts"
echo 'base - page.war http://127.0.0.1:1/unused' >>"$dist/artifacts"
run 65
grep -F 'page.war is no file of its kind' "$work/err" >/dev/null || fail "the error page is not told"
[ -z "$(find "$dist" -name 'page.war*')" ] || fail "the error page stays"
cp "$work/www/page.war" "$dist/page.war"
run 65 --check
grep -F page.war "$dist/SHA256SUMS" && fail "an error page was recorded"
rm "$dist/page.war"
cp "$work/artifacts" "$dist/artifacts"

# what was recorded is verified ever after, by hand or by download
cp "$dist/big.zip" "$work/good"
printf 'x' >>"$dist/big.zip"
run 65
for sum in "$(sha256sum <"$dist/big.zip" | cut -d' ' -f1)" "$(sha256sum <"$work/good" | cut -d' ' -f1)"; do
  grep -F "$sum" "$work/err" >/dev/null || fail "a mismatch must show both hashes"
done
[ -e "$dist/big.zip" ] || fail "a file placed by hand is not ours to remove"
cp "$work/good" "$dist/big.zip"
run 0 --check

# a download that does not fit a published sum leaves nothing
rm "$dist/jboss.zip"
printf 'other' >"$work/www/jboss.zip"
run 65
[ -z "$(find "$dist" -name "jboss.zip*")" ] || fail "a wrong download must not stay"
grep -F "$jboss" "$work/err" >/dev/null || fail "the expected hash is not shown"
rm "$work/www/jboss.zip"
run 69
run 64 --nonsense
echo passed
