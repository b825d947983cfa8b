# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# Steps of scripts/accept that go by HTTP, and need dcm4chee: what a browser gets, and what an administrator changes there.
next_aet=ACCEPT2
setting='dcm4chee.archive:service=MD5CheckService BufferSize'

code() { # PATH [CURL-OPTION...]: the status of an answer
    local path=$1
    shift
    curl -sS --max-time 60 -o "$scratch/page" -w '%{http_code}' "$@" "http://$host:$http_port$path"
}

logged_in() { # PATH [CURL-OPTION...]: with the web login, which no process list shows
    local path=$1 code
    shift
    code=$(code "$path" -L -K <(printf 'user = "%s"\n' "$web_login") "$@") || { echo "$path: no answer; $server_log"; return 1; }
    [ "$code" = 200 ] || { echo "${path%%\?*} answers HTTP $code to ${web_login%%:*}$(says); is --login right? $server_log"; return 1; }
}

says() { # what a page of an error names
    grep -aoE 'Unable to compile.{0,120}|[A-Za-z.]*Exception.{0,120}' "$scratch/page" | sed 's/^/: /; q'
}

# A volume of the original image keeps what answers there until its site ends that
exposed() { # WHAT
    echo "$1; see docs/security.md"
    [ "$(marked origin)" != adopted ] || return 77
    return 1
}

needs_login() { # PATH: by every method that web servers answer
    local method code
    for method in '-X GET' --head '-X POST' '-X PUT' '-X OPTIONS'; do
        # an option and its value
        # shellcheck disable=SC2086
        code=$(code "$1" $method) || :
        [ "$code" = 401 ] || exposed "$1 answers HTTP $code to ${method#-X } without a login" || return
    done
}

step_page() {
    only_dcm4chee 'the sandbox has a page of its own' || return
    get 'the page at /' / "$scratch/front" || return
    ! grep -F 'www.jboss.org' "$scratch/front" || exposed "the page at / is JBoss's own" || return
    local link links answer
    links=$(grep -aoE '(href|action)="/[^"]*"' "$scratch/front" | cut -d'"' -f2)
    [ -n "$links" ] || { echo 'the page at / links to nothing'; return 1; }
    for link in $links; do
        answer=$(code "$link") || :
        [[ $answer =~ ^[1-4] && $answer != 404 ]] || { echo "the page at / names $link, which answers HTTP $answer; is it in server/default/deploy?"; return 1; }
        echo "$link"
    done
}

step_console() {
    only_dcm4chee 'the sandbox has no console' || return
    local path
    for path in /jmx-console/ /jmx-console/HtmlAdaptor /web-console/ /web-console/Invoker; do
        needs_login "$path" || return
    done
    logged_in /web-console/ && logged_in /web-console/ServerInfo.jsp
}

read_setting() {
    logged_in "/jmx-console/HtmlAdaptor?action=inspectMBean&name=${setting% *}" &&
        grep -aoE "name=\"${setting#* }\" value=\"[^\"]*\"" "$scratch/page" | sed 's/.*value="\(.*\)"/\1/'
}

change_setting() { # VALUE
    logged_in /jmx-console/HtmlAdaptor --data "action=updateAttributes&name=${setting% *}&${setting#* }=$1" &&
        [ "$(read_setting)" = "$1" ] || { echo "jmx-console does not change $setting to $1: $(tail -n 1 "$scratch/page")"; return 1; }
}

step_settings() {
    only_dcm4chee 'the sandbox has no console' || return
    logged_in /jmx-console/ || return
    grep -F 'service=StoreScp' "$scratch/page" >/dev/null || { echo 'jmx-console lists no StoreScp'; return 1; }
    local before
    before=$(read_setting) || { echo "$before"; return 1; }
    [ -n "$before" ] || { echo "jmx-console does not show $setting"; return 1; }
    echo "$before" >"$scratch/setting"
    change_setting $((before * 2))
}

# After the restart
step_kept() {
    only_dcm4chee 'the sandbox has no console' || return
    [ -s "$scratch/setting" ] || { echo 'no setting was changed'; return 77; }
    local before after
    before=$(cat "$scratch/setting") after=$(read_setting) || :
    change_setting "$before" || return
    [ "$after" = $((before * 2)) ] || { echo "after the restart $setting is '$after', not $((before * 2)); is data/xmbean-attrs writable?"; return 1; }
}

update_title() { # OLD NEW
    logged_in "/jmx-console/HtmlAdaptor?action=invokeOpByName&name=dcm4chee.archive:service=AE&methodName=updateAETitle&argType=java.lang.String&arg0=$1&argType=java.lang.String&arg1=$2"
}

answers_to() { # AE-TITLE
    echoscu -to 10 -aet ACCEPT -aec "$1" "$host" "$dicom_port"
}

# The new title answers at once
step_title() {
    only_dcm4chee 'the sandbox has no such setting' || return
    [ "$brought_up" = yes ] || { echo 'not on an archive that runs: modalities know it by its title'; return 77; }
    local status=0
    update_title "$aet" "$next_aet" || return
    answers_to "$next_aet" || { echo "the new title $next_aet does not answer"; status=1; }
    update_title "$next_aet" "$aet" && answers_to "$aet" || { echo "the title $aet does not answer again"; return 1; }
    return "$status"
}

# A page of the site's own, with types that have default methods in Java 8
step_jsp() {
    only_dcm4chee 'the sandbox has no JSP' || return
    local end=$((SECONDS + 60)) status=0
    "${inside[@]}" sh -c 'cd "${DCM4CHEE_HOME:-/opt/dcm4chee}/server/default" && rm -rf data/dcm-accept.war && mkdir data/dcm-accept.war &&
        printf "%s\n" "$0" >data/dcm-accept.war/index.jsp && mv data/dcm-accept.war deploy/' '<%@ page import="java.util.*" %><%
        CharSequence text = "a-b".replace("-", "+");
        Map<String, String> map = new TreeMap<String, String>(new Comparator<String>() {
            public int compare(String one, String other) { return other.compareTo(one); } });
        map.put("one", text.toString()); map.put("two", "c");
        for (Map.Entry<String, String> entry : map.entrySet()) { %><%= entry.getKey() + "=" + entry.getValue() + ";" %><% } %>' || return
    until [ "$(code /dcm-accept/)" != 404 ] || [ "$SECONDS" -ge "$end" ]; do sleep 0.3; done
    grep -F 'two=c;one=a+b;' "$scratch/page" || { echo "a JSP of its own does not work$(says); $server_log"; status=1; }
    "${inside[@]}" sh -c 'rm -r "${DCM4CHEE_HOME:-/opt/dcm4chee}/server/default/deploy/dcm-accept.war"' || return
    until [ "$(code /dcm-accept/)" = 404 ] || [ "$SECONDS" -ge $((end + 60)) ]; do sleep 0.3; done
    return "$status"
}
