// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/jboss_value.hpp>

#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace dcm::datasource {

namespace {

// The order that jboss-ds_1_5.dtd wants, as far as the elements concern us.
constexpr std::array<std::string_view, 13> k_order{"jndi-name",
                                                   "use-java-context",
                                                   "connection-url",
                                                   "driver-class",
                                                   "transaction-isolation",
                                                   "connection-property",
                                                   "user-name",
                                                   "password",
                                                   "min-pool-size",
                                                   "max-pool-size",
                                                   "blocking-timeout-millis",
                                                   "exception-sorter-class-name",
                                                   "valid-connection-checker-class-name"};

constexpr std::string_view k_bom = "\xef\xbb\xbf";

std::string to_utf8(std::string_view latin1)
{
    std::string text;
    for (const char c : latin1) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xc0U | byte >> 6U);
            text += static_cast<char>(0x80U | (byte & 0x3fU));
        }
    }
    return text;
}

// Non-ASCII characters of UTF-8 `text` as &#N;, which any encoding of the file can carry.
std::string with_references(const std::string& text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first < 0x80) {
            result += text[i++];
            continue;
        }
        const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        unsigned code = first & (0xffU >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
            code = code << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
        }
        result += "&#" + std::to_string(code) + ";";
        i += length;
    }
    return result;
}

std::string text_of(const pugi::xml_node& element)
{
    std::string text;
    for (const auto& child : element.children()) {
        if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
            text += child.value();
        }
    }
    return text;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return text;
}

struct Tree {
    pugi::xml_document xml;
    std::size_t shift = 0;  // bytes of the byte order mark, which the parser does not get
};

void load(Tree& tree, const std::string& text, const std::string& origin)
{
    tree.shift = starts_with(text, k_bom) ? k_bom.size() : 0;
    // The encoding is fixed, so that offsets are those of the file; parse_ws_pcdata: white space is content here.
    const unsigned options = pugi::parse_default | pugi::parse_ws_pcdata | pugi::parse_declaration;
    const auto result =
        tree.xml.load_buffer(text.data() + tree.shift, text.size() - tree.shift, options, pugi::encoding_utf8);
    if (!result) {
        const auto line =
            1 + std::count(text.begin(), text.begin() + result.offset + static_cast<long>(tree.shift), '\n');
        throw Error(ExitCode::data_error, quoted(origin) + " is not XML: line " + std::to_string(line) + ": " +
                                              lower(result.description()) +
                                              "; mend it, or take the file from the template again");
    }
}

pugi::xml_node datasource_named(const Tree& tree, const std::string& jndi_name, const std::string& origin)
{
    pugi::xml_node found;
    for (const auto& datasource : tree.xml.child("datasources").children()) {
        if (trim(text_of(datasource.child("jndi-name"))) != jndi_name) {
            continue;
        }
        if (found) {
            throw Error(ExitCode::data_error,
                        quoted(origin) + " has two datasources named " + quoted(jndi_name) + "; remove one of them");
        }
        found = datasource;
    }
    if (!found) {
        throw Error(ExitCode::data_error, quoted(origin) + " has no datasource named " + quoted(jndi_name) +
                                              "; take the file from the template again");
    }
    return found;
}

std::size_t skip_past(const std::string& text, std::size_t from, const char* end)
{
    return text.find(end, from) + std::strlen(end);
}

}  // namespace

Document::Document(std::string text, std::string origin, std::string jndi_name)
    : m_text(std::move(text)), m_origin(std::move(origin)), m_jndi_name(std::move(jndi_name))
{
    Tree tree;
    load(tree, m_text, m_origin);
    const std::string encoding = lower(tree.xml.first_child().attribute("encoding").as_string("utf-8"));
    m_latin1 = encoding == "iso-8859-1" || encoding == "latin1";
    if (!m_latin1 && encoding != "utf-8" && encoding != "utf8" && encoding != "us-ascii") {
        throw Error(ExitCode::data_error,
                    quoted(m_origin) + " is written in " + quoted(encoding) + "; save it as UTF-8");
    }
    datasource_named(tree, m_jndi_name, m_origin);
}

// The parser has found the document well-formed, so every search below ends inside it.
Document::Span Document::span_at(std::size_t name_offset) const
{
    Span span{name_offset, 0, 0, 0, false};
    std::size_t at = name_offset;
    for (char quote = 0; quote != 0 || m_text[at] != '>'; ++at) {
        if (quote != 0) {
            quote = m_text[at] == quote ? '\0' : quote;
        } else if (m_text[at] == '"' || m_text[at] == '\'') {
            quote = m_text[at];
        }
    }
    span.self_closed = m_text[at - 1] == '/';
    span.begin = at + 1;
    if (span.self_closed) {
        span.end = span.after = span.begin;
        return span;
    }
    for (at = m_text.find('<', span.begin); m_text[at + 1] != '/'; at = m_text.find('<', at)) {
        if (m_text.compare(at, 4, "<!--") == 0) {
            at = skip_past(m_text, at + 4, "-->");
        } else if (m_text.compare(at, 9, "<![CDATA[") == 0) {
            at = skip_past(m_text, at + 9, "]]>");
        } else if (m_text[at + 1] == '?') {
            at = skip_past(m_text, at + 2, "?>");
        } else {
            throw Error(ExitCode::data_error, quoted(m_origin) + ": element '" + m_text.substr(name_offset, 40) +
                                                  "' holds other elements; take the file from the template again");
        }
    }
    span.end = at;
    span.after = m_text.find('>', at) + 1;
    return span;
}

std::optional<Document::Span> Document::find(const std::string& name, std::string* value) const
{
    Tree tree;
    load(tree, m_text, m_origin);
    const auto datasource = datasource_named(tree, m_jndi_name, m_origin);
    const auto element = datasource.child(name.c_str());
    if (!element) {
        return std::nullopt;
    }
    if (element.next_sibling(name.c_str())) {
        throw Error(ExitCode::data_error, quoted(m_origin) + ": <" + name + "> stands twice in the datasource " +
                                              quoted(m_jndi_name) + "; remove one of them");
    }
    if (value != nullptr) {
        *value = m_latin1 ? to_utf8(text_of(element)) : text_of(element);
    }
    return span_at(static_cast<std::size_t>(element.offset_debug()) + tree.shift);
}

std::optional<std::string> Document::content(const std::string& name) const
{
    std::string value;
    return find(name, &value) ? std::optional(value) : std::nullopt;
}

std::string Document::encode(const std::string& value) const
{
    const std::string escaped = escape_xml(value);
    return m_latin1 ? with_references(escaped) : escaped;
}

void Document::set_content(const std::string& name, const std::string& value)
{
    std::string current;
    const auto span = find(name, &current);
    if (!span) {
        insert(name, value);
    } else if (current != value) {
        if (span->self_closed) {
            m_text.replace(span->begin - 2, 2, ">" + encode(value) + "</" + name + ">");
        } else {
            m_text.replace(span->begin, span->end - span->begin, encode(value));
        }
    }
}

// Behind the nearest element that has to come before it, on a line of its own with that element's indent and line end.
void Document::insert(const std::string& name, const std::string& value)
{
    const auto* const place = std::find(k_order.begin(), k_order.end(), name);
    std::optional<Span> before;
    for (const auto* candidate = place; candidate != k_order.begin() && !before;) {
        before = find(std::string(*--candidate), nullptr);
    }
    const std::size_t tag = before->name - 1;
    const auto line = m_text.rfind('\n', tag);
    const std::size_t indent_begin = line == std::string::npos ? tag : line + 1;
    std::string indent = m_text.substr(indent_begin, tag - indent_begin);
    if (indent.find_first_not_of(" \t") != std::string::npos) {
        indent.clear();
    }
    const std::string line_end = line == std::string::npos ? "" : line > 0 && m_text[line - 1] == '\r' ? "\r\n" : "\n";
    m_text.insert(before->after, line_end + indent + "<" + name + ">" + encode(value) + "</" + name + ">");
}

}  // namespace dcm::datasource
