# SPDX-License-Identifier: Apache-2.0
# The part of YAML that `docker compose config` prints and people write: a key or an item a line. Fills, in the order of the file,
# place[n] (keys and items of the path, SUBSEP between), value[n], line[n]; has[n] tells a value from none. What it does not
# understand stands in bad[path], with the line in bad_line[path]; never a guess.

function path(d,  i, p) {
    p = ""
    for (i = 1; i <= d; i++) p = p (i > 1 ? SUBSEP : "") key[i]
    return p
}

function refuse(where, why) {
    if (where in bad) return
    bad[where] = why
    bad_line[where] = NR
    refused[++refusals] = where
}

# An item may stand as far to the left as the key of its list.
function leave(column, item) {
    while (depth > 0 && (at[depth] > column || at[depth] == column && (!item || is_item[depth]))) depth--
}

function enter(column, name, item) {
    leave(column, item)
    if (depth > 0 && full[depth]) refuse(path(depth), "a value and lines below it")
    depth++
    at[depth] = column
    key[depth] = name
    is_item[depth] = item
    full[depth] = 0
    place[++events] = path(depth)
    line[events] = NR
    if (!item && place[events] in seen) refuse(place[events], "it is there twice")
    seen[place[events]] = 1
}

# Sets unclear where the text is more than a word, or a quoted one.
function scalar(text,  quote, end, rest) {
    unclear = ""
    quote = substr(text, 1, 1)
    if (quote == "\"" || quote == "'") {
        end = index(substr(text, 2), quote)
        rest = substr(text, end + 2)
        text = substr(text, 2, end - 1)
        if (!end || rest !~ /^[ \t]*$/ && rest !~ /^[ \t]+#/) unclear = "the quotes"
        else if (quote == "\"" && index(text, "\\")) unclear = "a backslash in quotes"
        return text
    }
    sub(/[ \t]+#.*$/, "", text)
    sub(/[ \t]+$/, "", text)
    if (text == "{}" || text == "[]") return ""
    if (quote ~ /[{[]/) unclear = "written in brackets"
    else if (quote ~ /[|>]/) unclear = "a block of text"
    else if (quote ~ /[&*!%@`]/) unclear = "an anchor, alias or tag"
    return text
}

function take(text) {
    if (text == "" || text ~ /^#/) return
    full[depth] = 1
    has[events] = 1
    value[events] = scalar(text)
    if (unclear == "") return
    refuse(path(depth), unclear)
    skip = at[depth]
}

function read_line(  column, text, name) {
    match($0, /^ */)
    column = RLENGTH
    text = substr($0, column + 1)
    if (skip >= 0 && column > skip) return
    skip = -1
    while (text ~ /^- / || text == "-") {
        enter(column, "#" NR "." column, 1)
        text = substr(text, 2)
        match(text, /^ */)
        column += 1 + RLENGTH
        text = substr(text, RLENGTH + 1)
    }
    if (text == "" || text ~ /^#/) return
    if (match(text, /^("[^"\\]*"|'[^']*'|[A-Za-z0-9_.\/<][^:"'{}#]*):([ \t]|$)/)) {
        name = substr(text, 1, RLENGTH)
        sub(/[ \t]*:[ \t]?$/, "", name)
        text = substr(text, RLENGTH + 1)
        sub(/^[ \t]+/, "", text)
        gsub(/^["']|["']$/, "", name)
        enter(column, name, 0)
        take(text)
    } else if (depth > 0 && is_item[depth] && line[events] == NR && !full[depth]) {
        take(text)
    } else {
        leave(column, 0)
        refuse(path(depth), text ~ /^\t/ ? "a tab" : "not a key, not an item")
    }
}

BEGIN {skip = -1}
NR == 1 {sub(/^\357\273\277/, "")}
{sub(/\r$/, "")}
/^[ \t]*(#|$)/ {next}
/^(---|\.\.\.)[ \t]*$/ {if (events) refuse("", "a second document"); next}
{read_line()}
