# SPDX-License-Identifier: Apache-2.0
# The .env that keeps a site's volumes, ports and database, from its compose file as compose-read.awk has read it. It decides where
# images and rows go: one line in doubt, "# cannot read ...", and all the others are comments.
# Set before: project (may be empty), inside (yes, no or unknown: whether images are in the configuration volume).

function doubt(at_line, why, names) {
    doubts = doubts "# cannot read line " at_line ": " why "; set " names " by hand\n"
}
function put(text) {result = result text "\n"}

# Whether value has a meaning of its own in .env or in compose: such are left to a person.
function plain(text) {return text != "" && text != "null" && text != "~" && text !~ /[$"'\\#`]/}

function split_place(n) {
    for (depth_of = split(place[n], part, SUBSEP); depth_of < 8; depth_of++) part[depth_of + 1] = ""
    service = base ? (part[1] == "services" ? part[2] : "") : part[1]
    what = part[base + 2]
    entry = part[base + 3]
    field = part[base + 4]
}

function note_mount(n,  item, text, count, piece) {
    item = service SUBSEP entry
    if (place[n] in bad) return
    if (field == "" && !(item in mount_line)) {
        mounts[++mount_count] = item
        mount_line[item] = line[n]
        owner[item] = service
    }
    if (field != "") {
        if (field ~ /^(type|source|target)$/) mount[item, field] = value[n]
        if (part[base + 5] == "subpath") mount[item, "type"] = "subpath"
        return
    }
    if (entry !~ /^#/) {doubt(line[n], "volumes is no list", volume_names); return}
    if (!has[n]) return
    text = value[n]
    gsub(/\$\{[^{}]*\}/, "$", text)
    count = split(text, piece, ":")
    if (count > 3) doubt(line[n], "the mount has more than three parts", volume_names)
    mount[item, "source"] = count > 1 ? piece[1] : ""
    mount[item, "target"] = count > 1 ? piece[2] : piece[1]
}

function name_host(name, of) {
    if (name in host && host[name] != of) several[name] = 1
    host[name] = of
}

function note_top(n) {
    if (part[1] == "name" && project == "") project = value[n]
    if (part[1] == "include") doubt(line[n], "it includes other files", "all")
    if (part[1] != "volumes" || part[2] == "") return
    declared[part[2]] = 1
    if (part[3] == "name" || part[3] == "external" && part[4] == "name") real[part[2]] = value[n]
    if (part[3] == "external" && part[4] == "" && value[n] != "false") external[part[2]] = 1
}

function note_service(n) {
    services[service] = 1
    if (what == "") name_host(service, service)
    if (what == "<<" || what == "extends") doubt(line[n], "'" what "' takes lines from elsewhere", "all")
    if (what == "volumes" && entry != "") note_mount(n)
    if ((what == "container_name" || what == "hostname") && has[n]) name_host(value[n], service)
    if (what == "networks" && field == "aliases" && has[n]) name_host(value[n], service)
    if (what == "image") image[service] = value[n]
    if (what == "command" && entry == "") command_line[service] = line[n]
}

# Sets conf, images, data: the mount of each place; archive: the service.
function find_mounts(  i, item, target) {
    for (i = 1; i <= mount_count; i++) {
        item = mounts[i]
        target = mount[item, "target"]
        if (target ~ /[$]/ || target == "") doubt(mount_line[item], "where it is mounted", volume_names)
        while (target ~ /.\/$/) sub(/\/$/, "", target)
        mount[item, "target"] = target
        if ((owner[item], target) in by_target) doubt(mount_line[item], "'" target "' is mounted twice", volume_names)
        by_target[owner[item], target] = item
        if (target !~ /\/server\/default$/) continue
        if (conf != "") doubt(mount_line[item], "more than one mount of server/default", volume_names)
        conf = item
        archive = owner[item]
    }
    for (i = 1; i <= mount_count; i++)
        if (owner[mounts[i]] == archive && mount[mounts[i], "target"] == mount[conf, "target"] "/archive") images = mounts[i]
}

function note_archive(n,  name, text, cut) {
    if (what == "env_file") doubt(line[n], "variables in another file", variable_names)
    if (what == "volumes_from") doubt(line[n], "volumes of another service", volume_names)
    if (entry == "") return
    if (what == "environment") {
        name = entry
        text = value[n]
        if (entry ~ /^#/) {
            cut = index(value[n], "=")
            name = cut ? substr(value[n], 1, cut - 1) : value[n]
            text = cut ? substr(value[n], cut + 1) : ""
        }
        if (name !~ /^(MYSQL_(HOST|PORT|DATABASE|USER)|TZ)$/) return
        if (!plain(text)) doubt(line[n], "the value of " name, name)
        if (name in variable) doubt(line[n], name " is there twice", name)
        variable[name] = text
        order[++variables] = name
    }
    if (what == "ports") note_port(n)
    if (what == "links" && has[n]) {
        cut = index(value[n], ":")
        name = cut ? substr(value[n], 1, cut - 1) : value[n]
        if (name in services) name_host(cut ? substr(value[n], cut + 1) : name, name)
    }
    if (what == "external_links") {text = value[n]; sub(/^.*:/, "", text); elsewhere[text] = line[n]}
    if (what == "extra_hosts") {text = entry ~ /^#/ ? value[n] : entry; sub(/[:=].*/, "", text); elsewhere[text] = line[n]}
}

function note_port(n,  text) {
    if (field == "" && !(entry in port_line)) {ports[++port_count] = entry; port_line[entry] = line[n]}
    if (field == "" && has[n]) {
        text = value[n]
        gsub(/\$\{[^{}]*\}/, "$", text)
        sub(/\/tcp$/, "", text)
        port[entry] = text
    } else if (field ~ /^(host_ip|published|target|protocol)$/) long_port[entry, field] = value[n]
}

function put_ports(  i, p, name, to, from) {
    for (i = 1; i <= port_count; i++) {
        p = ports[i]
        if (!(p in port)) {
            port[p] = long_port[p, "target"]
            if ((p, "published") in long_port) port[p] = long_port[p, "published"] ":" port[p]
            if ((p, "host_ip") in long_port) port[p] = long_port[p, "host_ip"] ":" port[p]
            if ((p, "protocol") in long_port && long_port[p, "protocol"] != "tcp") port[p] = port[p] "/" long_port[p, "protocol"]
        }
        to = from = port[p]
        sub(/.*:/, "", to)
        sub(/:[^:]*$/, "", from)
        name = to == 8080 ? "DCM_HTTP_PORT" : "DCM_DICOM_PORT"
        if (to ~ /^(8080|11112)$/ && index(from, "$")) doubt(port_line[p], "the port is a variable", name)
        else if (to ~ /^(8080|11112)$/ && port[p] ~ /:/ && from ~ /^([0-9.]+:)?[0-9]+$/ && !(name in put_already)) {
            put_already[name] = 1
            put(name "=" from)
        } else add_ports = add_ports "#   - \"" port[p] "\"\n"
    }
}

function put_mount(name, item,  source, type) {
    source = mount[item, "source"]
    type = mount[item, "type"]
    if (type != "" && type != "bind" && type != "volume") doubt(mount_line[item], "a mount of type " type, name)
    else if (source == "") doubt(mount_line[item], "a mount without a source (docker inspect shows where it is)", name)
    else if (!plain(source) || source ~ /:/) doubt(mount_line[item], "the source of the mount", name)
    else if (source ~ /^\//) put(name "=" source)
    else if (source !~ /^[A-Za-z0-9][A-Za-z0-9_.-]*$/ || type == "bind")
        doubt(mount_line[item], "a path that begins at the directory of that file", name)
    else if (!(source in declared)) doubt(mount_line[item], "no volume '" source "' under \"volumes:\" of the file", name)
    else put_volume(name, mount_line[item], source in real ? real[source] : source in external ? source : project "_" source)
}

function put_volume(name, at_line, volume) {
    if (volume ~ /^_/) doubt(at_line, "the project's name is not known, see --project", name)
    else if (volume !~ /^[A-Za-z0-9][A-Za-z0-9_.-]*$/) doubt(at_line, "the name of the volume", name)
    else {
        put(name "=" volume)
        if (!(volume in put_already)) add_volumes = add_volumes "#   " volume ": { external: true }\n"
        put_already[volume] = 1
    }
}

# The database moves into the new file only with a mount that was seen in its own service.
function put_database(  name, database, i, item) {
    for (i = 1; i <= variables; i++) if (order[i] != "MYSQL_HOST") put(order[i] "=" variable[order[i]])
    if (!("MYSQL_HOST" in variable)) {
        doubt(mount_line[conf], "no MYSQL_HOST beside it (deploy/pacs-mysql-ds.xml says which)", "MYSQL_HOST")
        return
    }
    name = variable["MYSQL_HOST"]
    if (name in several) doubt(mount_line[conf], "more than one service is called '" name "'", "MYSQL_HOST")
    database = name in host && !(name in elsewhere) ? host[name] : ""
    item = (database, "/var/lib/mysql") in by_target ? by_target[database, "/var/lib/mysql"] : ""
    if (item != "" && mount[item, "source"] != "") {
        moved = database
        put_mount("DCM_DB_VOLUME", item)
        if (plain(image[database]) && image[database] !~ / /) put("DCM_DB_IMAGE=" image[database])
        else doubt(mount_line[item], "which image the database has", "DCM_DB_IMAGE")
        put("# MYSQL_HOST=" name " was a service of that file; the new one calls its database \"database\"")
        return
    }
    put("MYSQL_HOST=" name)
    if (database != "")
        put("# '" name "' was a service of that file that keeps its data in no named place (docker inspect shows it): dump it\n" \
            "# with the old file, load it into the new database (docs/compose.md), and only then take the line MYSQL_HOST out")
    else if (name in elsewhere)
        put("# '" name "' is known by external_links or extra_hosts of that file: add the same to the service \"archive\"")
}

function put_images() {
    if (conf == "") return
    put_mount("DCM_CONFIG_VOLUME", conf)
    if (images != "") put_mount("DCM_ARCHIVE", images)
    else if (inside == "yes") put("# the images are inside the configuration volume, and stay there:\nDCM_ARCHIVE_AT=/unused")
    else if (inside == "no") put("# no image is inside the configuration volume: new ones go into the volume \"archive\"")
    else doubt(mount_line[conf], "whether images are in it; run it as root", "DCM_ARCHIVE_AT")
}

# Which variables a refused line is about.
function about(place,  count, piece, service, key) {
    count = split(place, piece, SUBSEP)
    service = piece[base + 1]
    key = piece[base + 2]
    if (count > 0 && base && piece[1] == "volumes") return volume_names
    if (count > 0 && base && piece[1] !~ /^(services|name|include)$/) return ""
    if (count < base + 2) return "all"
    if (key == "volumes") return volume_names
    if (key == "image") image[service] = ""
    if (service != archive) return ""
    if (key == "ports") return "DCM_HTTP_PORT, DCM_DICOM_PORT"
    if (key ~ /^(links|external_links|extra_hosts)$/) return "MYSQL_HOST"
    if (key != "environment") return ""
    return count == base + 2 || piece[base + 3] ~ /^#|^<<$|^(MYSQL_(HOST|PORT|DATABASE|USER)|TZ)$/ ? variable_names : ""
}

# Never the text of a line: it may be a password.
function judge_refusals(  i, names) {
    for (i = 1; i <= refusals; i++)
        if ((names = about(refused[i])) != "") doubt(bad_line[refused[i]], bad[refused[i]], names)
}

function other_mounts(of,  i, item, target, text) {
    for (i = 1; i <= mount_count; i++) {
        item = mounts[i]
        target = mount[item, "target"]
        if (owner[item] == of && item != conf && item != images && target !~ /crontab_file$|^\/var\/lib\/mysql$|docker-entrypoint-initdb/)
            text = text "#   - " mount[item, "source"] ":" target "\n"
    }
    return text
}

function put_part(title, text) {if (text != "") result = result "# " title ":\n" text}

function put_rest() {
    put_part("under \"volumes:\" at the end of the new docker-compose.yml", add_volumes)
    put_part("mounts of today to add to the service \"archive\"", other_mounts(archive))
    put_part("ports of today to add to the service \"archive\"", add_ports)
    if (moved == "") return
    put_part("mounts of today to add to the service \"database\"", other_mounts(moved))
    if (moved in command_line) put("# line " command_line[moved] ": the command of \"" moved "\" is to be added to the service \"database\"")
}

END {
    volume_names = "DCM_CONFIG_VOLUME, DCM_ARCHIVE, DCM_DB_VOLUME"
    variable_names = "MYSQL_HOST, MYSQL_PORT, MYSQL_DATABASE, MYSQL_USER, TZ"
    base = "services" in seen
    for (n = 1; n <= events; n++) {
        split_place(n)
        if (base && part[1] != "services") note_top(n)
        else if (service != "") note_service(n)
    }
    find_mounts()
    if (conf == "") doubt(1, "no service mounts server/default; what is in the container goes with it (docker cp it first)", "DCM_CONFIG_VOLUME")
    for (n = 1; n <= events; n++) {
        split_place(n)
        if (archive != "" && service == archive) note_archive(n)
    }
    judge_refusals()
    put_images()
    put_ports()
    if (conf != "") put_database()
    put_rest()
    if (doubts == "") {printf "%s", result; exit}
    printf "%s# Nothing is set as long as that is so: what \"docker compose config\" prints of the file is easier to read.\n", doubts
    for (n = split(result, part, "\n") - 1; n > 0; n--) text = (part[n] ~ /^#/ ? "" : "# ") part[n] "\n" text
    printf "%s", text
}
