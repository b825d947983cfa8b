# SPDX-License-Identifier: Apache-2.0
# A distribution of the real one's shape, small and made up: what of it comes from where is as in the real one. Its server
# (made_up_server) starts, answers and ends on a real Java 8 as the real one does.
#   made_up_dist DIR            DIR/dist (what image/fetch-dist leaves), DIR/members.csv; sets driver_sha256
#   add_to ZIP MEMBER TEXT      put or replace a member of one of its zips
# shellcheck shell=bash disable=SC2034
made_up_file() { # path text
  mkdir -p "$(dirname "$1")"
  printf '%s' "$2" >"$1"
}

driver_sum() { sha256sum <"$made_up/driver/mysql-connector-java-5.1.49/mysql-connector-java-5.1.49.jar" | cut -d' ' -f1; }

made_up_dist() {
  made_up=$1
  local dist=$1/dist dcm=$1/dcm/dcm4chee-2.18.3-mysql jboss=$1/jboss/jboss-4.2.3.GA name
  rm -rf "$dist" "$1/dcm" "$1/jboss" "$1/driver" "$1/tree"
  mkdir -p "$dist"
  mkdir -p "$dcm/bin"
  cp "$DCM_SOURCE/tests/image/made_up_server/"* "$dcm/bin/"
  made_up_file "$dcm/bin/editgpwl.jar" 'one copy seen'
  made_up_file "$dcm/server/default/lib/dcm4chee.jar" 'code'
  made_up_file "$dcm/server/default/lib/mysql-connector-java-5.0.5.jar" 'old driver'
  made_up_file "$dcm/server/default/deploy/dcm4chee-web-ear-3.0.7-mysql.ear" 'unlisted'
  cp "$DCM_SOURCE/image/sandbox/default/deploy/pacs-mysql-ds.xml" "$dcm/server/default/deploy/"
  made_up_file "$dcm/server/default/deploy/http-invoker.sar/META-INF/jboss-service.xml" 'unauthenticated'
  made_up_file "$dcm/server/default/deploy/jboss-web.deployer/jasper-jdt.jar" 'reads Java 7'
  made_up_file "$dcm/server/default/deploy/jboss-web.deployer/ROOT.war/WEB-INF/web.xml" 'status'
  made_up_file "$dcm/server/default/deploy/jboss-web.deployer/ROOT.war/index.html" 'JBoss'
  made_up_file "$dcm/server/default/deploy/management/console-mgr.sar/web-console.war/WEB-INF/web.xml" '<web-app><security-constraint>
   <url-pattern>/*</url-pattern>
   <http-method>GET</http-method>
   <http-method>POST</http-method>
</security-constraint></web-app>
'
  # shellcheck disable=SC2016
  made_up_file "$dcm/server/default/deploy/jboss-web.deployer/server.xml" '<Server><Service name="jboss.web">
    <!-- <Connector port="8000" address="${jboss.bind.address}"/> -->
    <Connector port="8080" address="${jboss.bind.address}"
         protocol="HTTP/1.1"/>
    <Connector port="8009" address="${jboss.bind.address}" protocol="AJP/1.3"/>
</Service></Server>
'
  made_up_file "$dcm/server/default/conf/standardjbosscmp-jdbc.xml" '<jbosscmp-jdbc><entity-commands>
      <entity-command name="other" class="org.jboss.ejb.plugins.cmp.jdbc.keygen.JDBCOracleCreateCommand"/>
      <entity-command name="mysql-get-generated-keys"
         class="org.jboss.ejb.plugins.cmp.jdbc.keygen.JDBCMySQLCreateCommand"/>
   </entity-commands></jbosscmp-jdbc>
'
  made_up_file "$jboss/lib/log4j-boot.jar" 'log4j'
  made_up_file "$jboss/client/jbossall-client.jar" 'client'
  made_up_file "$jboss/server/all/lib/moved.jar" 'content tells'
  made_up_file "$jboss/docs/not-wanted.txt" 'stays behind'
  printf 'codec' >"$dist/libclib_jiio-1.2-b04-linux-x86-64.so"
  for name in weasis.war weasis-i18n.war weasis-ext.war weasis-pacs-connector.war dcm4chee-web-weasis.jar; do
    printf 'PK %s' "$name" >"$dist/$name"
  done
  made_up_file "$1/driver/mysql-connector-java-5.1.49/mysql-connector-java-5.1.49.jar" 'new driver'
  tar -C "$1/driver" -czf "$dist/mysql-connector-java-5.1.49.tar.gz" mysql-connector-java-5.1.49
  sed -E 's/^(base|connector) [0-9a-f]{64} /\1 - /' "$DCM_SOURCE/image/dist/artifacts" >"$dist/artifacts"
  (cd "$1/dcm" && zip -qr "$dist/dcm4chee-2.18.3-mysql.zip" .)
  (cd "$1/jboss" && zip -qr "$dist/jboss-4.2.3.GA.zip" .)
  cp -a "$dcm" "$1/tree"
  rm "$1/tree/server/default/deploy/dcm4chee-web-ear-3.0.7-mysql.ear"
  mkdir -p "$1/tree/lib" "$1/tree/bin/native"
  cp "$jboss/lib/log4j-boot.jar" "$1/tree/lib/"
  cp "$jboss/server/all/lib/moved.jar" "$1/tree/server/default/lib/"
  cp "$dist/libclib_jiio-1.2-b04-linux-x86-64.so" "$1/tree/bin/native/libclib_jiio.so"
  made_up_members "$1/tree" >"$1/members.csv"
  driver_sha256=$(driver_sum)
}

# two agreeing copies of all but one; two files that may be absent
made_up_members() { # tree
  echo 'sha256,bytes,independent_copies,path'
  (cd "$1" && find . -type f -printf '%P\n' | sort | while read -r path; do
    printf '%s,%s,%s,%s\n' "$(sha256sum <"$path" | cut -d' ' -f1)" "$(stat -c %s "$path")" \
      "$([ "$path" = bin/editgpwl.jar ] && echo 1 || echo 2)" "$path"
  done)
  printf '%064d,1,3,bin/install_jboss.sh\n%064d,1,3,bin/JavaService.exe\n' 0 0
}

add_to() { # zip member text
  made_up_file "$made_up/add/$1/$2" "$3"
  (cd "$made_up/add" && zip -q "$made_up/dist/$1.zip" "$1/$2")
}
