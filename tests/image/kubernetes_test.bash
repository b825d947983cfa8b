#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deploy/kubernetes rendered by kubectl and compiled against the types of the Kubernetes API (npm's kubernetes-models, made from the
# API's published schemas): an unknown field, a missing one or a wrong type does not compile. The database's address, the rights of
# every container and what the network policies let in are looked at.
set -u
skip() { printf 'skipped: %s\n' "$1"; exit 77; }
for tool in kubectl node npm jq; do
  command -v "$tool" >/dev/null || skip "needs $tool"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }

cp -r "$DCM_SOURCE/deploy/kubernetes" "$work/"
(umask 077 && echo s3cret >"$work/kubernetes/site/mysql_password")
cp "$DCM_SOURCE/create-mysql.sql" "$work/kubernetes/site/"
kubectl kustomize "$work/kubernetes/site" >"$work/site.yaml" 2>"$work/err" || {
  # Debian 12's kubectl has a kustomize of 2019
  grep -F 'unknown field' "$work/err" >/dev/null && skip "kubectl is too old: $(kubectl version --client 2>/dev/null | head -n 1)"
  fail "kubectl kustomize: $(cat "$work/err")"
}

mkdir "$work/check"
cd "$work/check" || exit
npm install --silent --no-audit --no-fund kubernetes-models@4 typescript@5 yaml@2 >"$work/npm" 2>&1 || skip "npm's packages cannot be reached"
cat >types.js <<'EOF_JS'
const yaml = require("yaml");
const objects = yaml.parseAllDocuments(require("fs").readFileSync(0, "utf8")).map((document) => document.toJS());
require("fs").writeFileSync("site.json", JSON.stringify(objects));
objects.forEach((object, n) => {
  console.log(`import type { I${object.kind} as T${n} } from "kubernetes-models/${object.apiVersion}";`);
  console.log(`export const o${n}: T${n} = ${JSON.stringify(object, null, 1)};`);
});
EOF_JS
compiles() { # YAML file
  node types.js <"$1" >site.ts || return
  npx tsc --noEmit --strict --skipLibCheck --moduleResolution node --target es2020 site.ts >"$work/tsc" 2>&1
}
sed 's/failureThreshold:/failureTreshold:/' "$work/site.yaml" >"$work/wrong.yaml"
compiles "$work/wrong.yaml" && fail "a misspelt field is not noticed"
compiles "$work/site.yaml" || fail "$(cat "$work/tsc")"

ask() { jq -e "$2" site.json >/dev/null || fail "$1"; }
ask '14 objects' 'length == 14'
ask 'every pod runs without root' '[.[] | select(.kind == "StatefulSet").spec.template.spec.securityContext.runAsNonRoot] == [true, true]'
ask 'no container has a capability or may gain one' '[.[] | select(.kind == "StatefulSet").spec.template.spec.containers[].securityContext
  | .allowPrivilegeEscalation == false and .capabilities.drop == ["ALL"] and (.capabilities.add | not)] == [true, true]'
ask 'the archive accepts DICOM, HL7 and the web page' '[.[] | select(.kind == "NetworkPolicy" and .metadata.name == "archive").spec.ingress[].ports[].port] == ["dicom", "hl7", "web"]'
ask 'the database accepts the archive alone' '[.[] | select(.kind == "NetworkPolicy" and .metadata.name == "database").spec.ingress[] | (.from | length), .ports[].port] == [1, "mysql"]'
ask 'the password stands in a secret alone' '([.[] | select(.kind != "Secret")] | tostring | contains("s3cret") | not) and any(.[]; .kind == "Secret")'

# a database that somebody else runs, as the comment in site says
sed -i 's#../database, ##; /^configMapGenerator/,/create-mysql/d' "$work/kubernetes/site/kustomization.yaml"
sed -i 's/MYSQL_HOST, value: database/MYSQL_HOST, value: galera.example/' "$work/kubernetes/site/site.yaml"
kubectl kustomize "$work/kubernetes/site" >"$work/elsewhere.yaml" || fail "without the database of ours"
compiles "$work/elsewhere.yaml" || fail "$(cat "$work/tsc")"
ask 'without the database of ours' '[.[] | select(.metadata.name | startswith("database"))] == []'
ask 'its address' '[.[] | select(.kind == "StatefulSet").spec.template.spec.containers[0].env[] | select(.name == "MYSQL_HOST").value] == ["galera.example"]'
echo passed
