// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/core/xml_scan.hpp>
#include <dcm/datasource/jboss_value.hpp>
#include <dcm/datasource/redact.hpp>
#include <dcm/datasource/xml_text.hpp>

#include <algorithm>
#include <array>

namespace dcm::datasource {

namespace {

constexpr std::array<std::string_view, 3> k_secret_words{"password", "passwd", "secret"};
constexpr std::size_t k_shortest = 6;  // of what is looked for everywhere: "pacs" is in many a name

bool has_secret_word(std::string_view lower_case)
{
    return std::any_of(k_secret_words.begin(), k_secret_words.end(),
                       [&](std::string_view word) { return lower_case.find(word) != std::string_view::npos; });
}

class Redaction {
public:
    explicit Redaction(std::string_view text) : m_text(text), m_lower(lower(text)), m_hidden(text.size(), false) {}

    void hide_elements();
    void hide_assignments();
    void hide_entities();
    void hide_everywhere(std::string_view secret);
    std::string result() const;

private:
    void hide(std::size_t from, std::size_t to)
    {
        const auto at = [this](std::size_t i) {
            return m_hidden.begin() + static_cast<std::ptrdiff_t>(std::min(i, m_text.size()));
        };
        std::fill(at(from), at(std::max(from, to)), true);
    }

    std::size_t find(std::string_view what, std::size_t from) const
    {
        return std::min(m_lower.find(what, from), m_text.size());
    }

    std::string_view m_text;
    std::string m_lower;
    std::vector<bool> m_hidden;
};

void Redaction::hide_elements()
{
    for (auto at = m_lower.find('<'); at != std::string::npos; at = m_lower.find('<', at + 1)) {
        const auto end = find(">", at);
        const auto tag = std::string_view(m_lower).substr(at, end - at);
        const bool opens = tag.size() > 1 && tag[1] >= 'a' && tag[1] <= 'z' && tag.back() != '/';
        if (opens && has_secret_word(tag)) {
            const std::string name(tag.substr(1, tag.find_first_of(" \t\r\n") - 1));
            hide(end + 1, find("</" + name, end));
        }
    }
}

// NAME=VALUE of a URL, of an attribute, of a property.
void Redaction::hide_assignments()
{
    for (const auto word : k_secret_words) {
        for (auto at = m_lower.find(word); at != std::string::npos; at = m_lower.find(word, at + 1)) {
            const auto name_end = m_lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-", at);
            const auto equals = m_lower.find_first_not_of(" \t", name_end);
            if (equals == std::string::npos || (m_lower[equals] != '=' && m_lower[equals] != ':')) {
                continue;
            }
            const auto value = std::min(m_lower.find_first_not_of(" \t", equals + 1), m_text.size());
            const bool in_quotes = value < m_text.size() && (m_text[value] == '"' || m_text[value] == '\'');
            if (in_quotes) {
                hide(value + 1, find({&m_text[value], 1}, value + 1));
            } else {
                hide(value, std::min(m_lower.find_first_of("&<>\"' \t\r\n", value), m_text.size()));
            }
        }
    }
}

void Redaction::hide_entities()
{
    constexpr std::string_view start = "<!entity";
    for (auto at = m_lower.find(start); at != std::string::npos; at = m_lower.find(start, at + 1)) {
        const auto from = m_lower.find_first_of("\"'", at);
        if (from != std::string::npos) {
            hide(from + 1, find(std::string_view(m_lower).substr(from, 1), from + 1));
        }
    }
}

void Redaction::hide_everywhere(std::string_view secret)
{
    if (secret.size() < k_shortest) {
        return;
    }
    for (auto at = m_text.find(secret); at != std::string_view::npos; at = m_text.find(secret, at + 1)) {
        hide(at, at + secret.size());
    }
}

std::string Redaction::result() const
{
    std::string shown;
    bool in_secret = false;
    for (std::size_t i = 0; i < m_text.size(); ++i) {
        const bool line_end = m_text[i] == '\n' || m_text[i] == '\r';
        if (!m_hidden[i] || line_end) {
            shown += m_text[i];
        } else if (!in_secret) {
            shown += "***";
        }
        in_secret = m_hidden[i] && !line_end;
    }
    return shown;
}

}  // namespace

std::string redact(std::string_view text, const std::vector<std::string>& secrets)
{
    Redaction redaction(text);
    redaction.hide_elements();
    redaction.hide_assignments();
    redaction.hide_entities();
    for (const auto& secret : secrets) {
        redaction.hide_everywhere(secret);
        redaction.hide_everywhere(escape_xml(secret));
    }
    return redaction.result();
}

std::vector<std::string> secrets_in(const std::string& text)
{
    std::vector<std::string> found;
    for (const auto& element : scan_xml(text, "").elements) {
        if (has_secret_word(lower(element.name))) {
            found.push_back(element.text);
            found.push_back(from_jboss(element.text));
        }
    }
    return found;
}

}  // namespace dcm::datasource
