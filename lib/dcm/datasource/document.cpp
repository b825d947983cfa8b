// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/datasource/document.hpp>
#include <dcm/datasource/jboss_value.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace dcm::datasource {

namespace {

// The order that jboss-ds_1_5.dtd of JBoss 4.2 wants, up to the last element that is ever added here.
constexpr std::array<std::string_view, 27> k_order{"jndi-name",
                                                   "use-java-context",
                                                   "track-connection-by-tx",
                                                   "xa-datasource-class",
                                                   "xa-datasource-property",
                                                   "isSameRM-override-value",
                                                   "connection-url",
                                                   "driver-class",
                                                   "transaction-isolation",
                                                   "connection-property",
                                                   "user-name",
                                                   "password",
                                                   "application-managed-security",
                                                   "security-domain",
                                                   "security-domain-and-application",
                                                   "min-pool-size",
                                                   "max-pool-size",
                                                   "blocking-timeout-millis",
                                                   "background-validation",
                                                   "background-validation-minutes",
                                                   "idle-timeout-minutes",
                                                   "validate-on-match",
                                                   "no-tx-separate-pools",
                                                   "xa-resource-timeout",
                                                   "new-connection-sql",
                                                   "check-valid-connection-sql",
                                                   "valid-connection-checker-class-name"};

// The elements of the datasource number `at` of `all`, which is one of the root's.
std::vector<XmlElement> children(const std::vector<XmlElement>& all, std::size_t at)
{
    std::vector<XmlElement> found;
    for (std::size_t i = at + 1; i < all.size() && all[i].depth > 1; ++i) {
        if (all[i].depth == 2) {
            found.push_back(all[i]);
        }
    }
    return found;
}

bool has_name(const std::vector<XmlElement>& elements, const std::string& jndi_name)
{
    return std::any_of(elements.begin(), elements.end(), [&](const XmlElement& element) {
        return element.name == "jndi-name" && trim(element.text) == jndi_name;
    });
}

// UTF-8 `text` for the content of an XML element; with `ascii` other characters as &#N;, which any encoding of a file
// can carry.
std::string encode_xml(std::string_view text, bool ascii)
{
    std::string result;
    while (!text.empty()) {
        const auto [length, code] = first_character(text);
        if (code == '&') {
            result += "&amp;";
        } else if (code == '<') {
            result += "&lt;";
        } else if (code == '>') {  // for the sake of "]]>"
            result += "&gt;";
        } else if (ascii && code >= 0x80) {
            result += "&#" + std::to_string(code) + ";";
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return result;
}

}  // namespace

Document::Document(std::string text, std::string origin, std::string jndi_name)
    : m_text(std::move(text)), m_origin(std::move(origin)), m_jndi_name(std::move(jndi_name))
{
    index();
}

void Document::index()
{
    const XmlScan scan = scan_xml(m_text, m_origin);
    m_utf8 = scan.encoding == "utf-8";
    m_elements.clear();
    for (std::size_t i = 0; i < scan.elements.size(); ++i) {
        if (scan.elements[i].depth != 1) {
            continue;
        }
        auto elements = children(scan.elements, i);
        if (!has_name(elements, m_jndi_name)) {
            continue;
        }
        if (!m_elements.empty()) {
            throw Error(ExitCode::data_error, quoted(m_origin) + " has two datasources named " + quoted(m_jndi_name) +
                                                  "; remove one of them");
        }
        m_elements = std::move(elements);
        m_kind = scan.elements[i].name;
    }
    if (m_elements.empty() || scan.elements.front().name != "datasources") {
        throw Error(ExitCode::data_error, quoted(m_origin) + " has no datasource named " + quoted(m_jndi_name) +
                                              "; take the file from the template again");
    }
}

const XmlElement* Document::find(const std::string& name) const
{
    const XmlElement* found = nullptr;
    for (const auto& element : m_elements) {
        if (element.name != name) {
            continue;
        }
        if (found != nullptr) {
            throw Error(ExitCode::data_error, quoted(m_origin) + ": <" + name + "> stands twice in the datasource " +
                                                  quoted(m_jndi_name) + "; remove one of them");
        }
        found = &element;
    }
    return found;
}

std::optional<std::string> Document::value(const std::string& name) const
{
    const XmlElement* const element = find(name);
    if (element == nullptr) {
        return std::nullopt;
    }
    if (element->has_elements || element->incomplete) {
        throw Error(ExitCode::data_error, quoted(m_origin) + ": <" + name + "> holds " +
                                              (element->has_elements ? "other elements" : "an entity of another file") +
                                              "; write its text there");
    }
    return from_jboss(element->text);
}

void Document::check_editable(const XmlElement& element) const
{
    if (element.has_elements || element.from_entity) {
        throw Error(ExitCode::data_error, quoted(m_origin) + ": <" + element.name + "> " +
                                              (element.from_entity ? "stands in an entity" : "holds other elements") +
                                              " and cannot be changed; take the file from the template again");
    }
}

void Document::set_value(const std::string& name, const std::string& wanted)
{
    const XmlElement* const element = find(name);
    const bool known = element != nullptr && !element->incomplete && !element->has_elements;
    const auto standing = known ? std::optional(from_jboss(element->text)) : std::nullopt;
    if (standing == wanted) {
        return;
    }
    const std::string content = encode_xml(to_jboss(wanted), !m_utf8);
    if (element == nullptr) {
        insert(name, content);
    } else {
        check_editable(*element);
        if (element->empty_tag) {
            m_text.replace(element->content - 2, 2, ">" + content + "</" + name + ">");
        } else {
            m_text.replace(element->content, element->end_tag - element->content, content);
        }
    }
    m_changes.push_back({name, standing, wanted});
    index();
}

// Behind the nearest element that has to come before it, on a line of its own with that element's indent and line end.
void Document::insert(const std::string& name, const std::string& content)
{
    const auto place = [](const std::string& element) {
        return std::find(k_order.begin(), k_order.end(), element) - k_order.begin();
    };
    const XmlElement* before = nullptr;
    for (const auto& element : m_elements) {
        if (place(element.name) < place(name) && (before == nullptr || place(before->name) <= place(element.name))) {
            before = &element;
        }
    }
    if (before == nullptr) {
        throw Error(ExitCode::software, "no place for <" + name + ">");
    }
    check_editable(*before);
    const auto line = m_text.rfind('\n', before->begin);
    const std::size_t indent_begin = line == std::string::npos ? before->begin : line + 1;
    std::string indent = m_text.substr(indent_begin, before->begin - indent_begin);
    if (indent.find_first_not_of(" \t") != std::string::npos) {
        indent.clear();
    }
    const std::string line_end = line == std::string::npos ? "" : line > 0 && m_text[line - 1] == '\r' ? "\r\n" : "\n";
    m_text.insert(before->end, line_end + indent + "<" + name + ">" + content + "</" + name + ">");
}

}  // namespace dcm::datasource
