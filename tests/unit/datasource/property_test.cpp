// SPDX-License-Identifier: Apache-2.0
// Random documents and values against an XML reader that shares nothing with the editor, and a model of JBoss's two
// rules; every byte outside the edited text is compared.
#include <dcm/datasource/jboss_value.hpp>

#include <pugixml.hpp>

#include <map>
#include <random>
#include <utility>
#include <vector>

#include "sample.hpp"

namespace {

using namespace dcm::datasource;

// The properties of the machine that reads: what a value must not be taken for.
const std::map<std::string, std::string> k_properties{{"java.version", "1.8.0"}, {"a", "wrong"}, {"user.name", "root"}};

// ${NAME} becomes the property, ${NAME:DEFAULT} it or DEFAULT, not read again; what is unknown stays. A dollar inside
// the braces begins nothing.
std::string expanded(const std::string& text)
{
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.compare(at, 2, "${") == 0 ? text.find('}', at) : std::string::npos;
        if (end == std::string::npos || end == at + 2) {
            result += text[at++];
            continue;
        }
        const std::string key = text.substr(at + 2, end - at - 2);
        const auto colon = key.find(':');
        const auto known = k_properties.find(key.substr(0, colon));
        if (known != k_properties.end()) {
            result += known->second;
        } else {
            result += colon == std::string::npos ? text.substr(at, end + 1 - at) : key.substr(colon + 1);
        }
        at = end + 1;
    }
    return result;
}

std::string normalised(const std::string& text)
{
    std::string result;
    bool blank = false;
    for (const char c : text) {
        const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!is_blank) {
            result += blank && !result.empty() ? " " : "";
            result += c;
        }
        blank = is_blank;
    }
    return result;
}

class Generator {
public:
    explicit Generator(unsigned seed) : m_random(seed) {}

    int pick(int n) { return static_cast<int>(m_random() % static_cast<unsigned>(n)); }
    bool maybe() { return pick(2) == 0; }
    std::string one_of(const std::vector<std::string>& choices)
    {
        return choices[static_cast<std::size_t>(pick(static_cast<int>(choices.size())))];
    }

    std::string value()
    {
        std::string text;
        for (int i = pick(12); i > 0; --i) {
            text +=
                one_of({"a",  "&", "<", ">", "\"", "'", "$", "{",   "}", "${",    "${a}", "${a:b}", "${java.version}",
                        "\\", "|", "%", " ", "ñ",  "€", "😀", "]]>", "#", "&amp;", "x"});
        }
        return text;
    }

    std::string noise()
    {
        std::string text;
        for (int i = pick(4); i > 0; --i) {
            text += one_of({"<!-- <password>x</password> -->", m_line_end, m_line_end + "\t", "<?pi <password> ?>",
                            "<!--&-->", "<!-- <jndi-name>pacsDS</jndi-name> ]]> -->", "  "});
        }
        return text;
    }

    // A content that nobody wants, as it is spelled and as JBoss reads it.
    std::pair<std::string, std::string> content()
    {
        const std::vector<std::pair<std::string, std::string>> spellings{
            {"", ""},
            {"old", "old"},
            {"<!--c--><![CDATA[</password>]]>", "</password>"},
            {"a&lt;b&#99;&#x64;", "a<bcd"},
            {"<?x ?>o" + m_line_end + "l", "o l"},
            {"&e;", "of an entity"},
            {" d ", "d"},
            {"&#241;${dcm.literal:$}{a}", "ñ${a}"}};
        return spellings[static_cast<std::size_t>(pick(static_cast<int>(spellings.size())))];
    }

    std::string head()
    {
        m_line_end = one_of({"\n", "\r\n"});
        m_encoding = one_of({"", "utf-8", "UTF-8", "ISO-8859-1", "windows-1252"});
        std::string text = m_encoding.empty() && maybe() ? "\xef\xbb\xbf" : "";
        if (!m_encoding.empty()) {
            text += "<?xml version=\"1.0\" encoding='" + m_encoding + "'?>";
        }
        text += one_of({"<!-- ", m_line_end + "<!-- "}) + (is_utf8() ? "ñ€" : "\xf1") + " -->";
        return text + "<!DOCTYPE datasources [<!ENTITY e 'of an entity'>]>" + m_line_end;
    }

    bool is_utf8() const { return m_encoding.size() < 6; }
    pugi::xml_encoding encoding() const { return is_utf8() ? pugi::encoding_utf8 : pugi::encoding_latin1; }

private:
    std::mt19937 m_random;
    std::string m_line_end = "\n";
    std::string m_encoding;
};

// What the editor is expected to write: the model is the one of the documentation, the code is not the editor's.
std::string spelled(const std::string& value, bool utf8)
{
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto length = [&](std::size_t bytes) { return value.substr(i, bytes); };
        if (length(2) == "${") {
            text += "${dcm.literal:$}";
        } else if (value[i] == '&') {
            text += "&amp;";
        } else if (value[i] == '<') {
            text += "&lt;";
        } else if (value[i] == '>') {
            text += "&gt;";
        } else if (!utf8 && length(2) == "ñ") {
            text += "&#241;";
            i += 1;
        } else if (!utf8 && length(3) == "€") {
            text += "&#8364;";
            i += 2;
        } else if (!utf8 && length(4) == "😀") {
            text += "&#128512;";
            i += 3;
        } else {
            text += value[i];
        }
    }
    return text;
}

// A document, and the same after the edit, built side by side.
class Twins {
public:
    Twins(Generator& random, const std::map<std::string, std::string>& wanted) : m_random(random), m_wanted(wanted) {}

    void both(const std::string& text)
    {
        before += text;
        after += text;
    }

    // An element in any spelling, or none: then a wanted one is added behind the last.
    void element(const std::string& name)
    {
        const auto wanted = m_wanted.find(name);
        if (m_random.pick(4) == 0) {
            if (wanted != m_wanted.end()) {
                add(name, wanted->second);
            }
            return;
        }
        after += m_noise;
        before += m_noise;
        m_noise = m_random.noise();
        m_last = after.size();
        if (m_random.pick(10) == 0) {
            const std::string start = "<" + name + m_random.one_of({"", " ", " x='/>'"});
            const bool change = wanted != m_wanted.end() && !wanted->second.empty();
            before += start + "/>";
            after +=
                change ? start + ">" + spelled(wanted->second, m_random.is_utf8()) + "</" + name + ">" : start + "/>";
            return;
        }
        const std::string start =
            "<" + name + m_random.one_of({"", " ", " x='>'", "\n y='&lt;/" + name + ">'\t"}) + ">";
        const std::string end = "</" + name + m_random.one_of({"", " ", "\n"}) + ">";
        const auto [text, value] = m_random.content();
        const bool change = wanted != m_wanted.end() && wanted->second != value;
        before += start + text + end;
        after += start + (change ? spelled(wanted->second, m_random.is_utf8()) : text) + end;
    }

    void url()
    {
        const auto wanted = m_wanted.find("connection-url");
        m_last = after.size();
        m_noise = m_random.noise();
        before += "<connection-url>jdbc:mysql://h:1/d?k=v&amp;k2=%20</connection-url>";
        after += "<connection-url>jdbc:mysql://" + std::string(wanted == m_wanted.end() ? "h" : "db") +
                 ":1/d?k=v&amp;k2=%20</connection-url>";
    }

    void finish() { both(std::exchange(m_noise, "")); }

    std::string before;
    std::string after;

private:
    // On a line of its own, indented as the last element.
    void add(const std::string& name, const std::string& value)
    {
        const auto line = after.rfind('\n', m_last);
        const std::string indent = after.substr(line + 1, m_last - line - 1);
        const std::string line_end = after[line - 1] == '\r' ? "\r\n" : "\n";
        after += line_end + (indent.find_first_not_of(" \t") == std::string::npos ? indent : "");
        m_last = after.size();
        after += "<" + name + ">" + spelled(value, m_random.is_utf8()) + "</" + name + ">";
    }

    Generator& m_random;
    const std::map<std::string, std::string>& m_wanted;
    std::size_t m_last = 0;  // where the last element begins, in `after`
    std::string m_noise;     // what follows the last element that stands in both
};

Twins make_twins(Generator& random, const std::map<std::string, std::string>& wanted)
{
    const std::string other = "<local-tx-datasource><jndi-name>otherDS</jndi-name><password>o</password>"
                              "<user-name>o</user-name></local-tx-datasource>";
    Twins twins(random, wanted);
    twins.both(random.head() + "<datasources>" + random.noise() + (random.maybe() ? other : "") + random.noise() +
               "<local-tx-datasource z=\"a>b\">" + random.noise() + "<jndi-name>pacsDS</jndi-name>" + random.noise());
    twins.url();
    for (const char* name : {"user-name", "password", "min-pool-size", "max-pool-size"}) {
        twins.element(name);
    }
    twins.finish();
    twins.both("<metadata><password>deeper</password></metadata>" + random.noise() + "</local-tx-datasource>" +
               random.noise() + (random.maybe() ? other : "") + "</datasources>" + random.noise());
    return twins;
}

std::string read_by_jboss(const pugi::xml_document& document, const std::string& element)
{
    std::string text;
    for (const auto& datasource : document.child("datasources").children()) {
        if (std::string(datasource.child_value("jndi-name")) == "pacsDS") {
            for (const auto& part : datasource.child(element.c_str()).children()) {
                text += part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata ? part.value() : "";
            }
        }
    }
    return expanded(normalised(text == "&e;" ? "of an entity" : text));
}

// What shall stand there afterwards, by element.
std::map<std::string, std::string> choose(Generator& random, Settings& settings)
{
    std::map<std::string, std::string> wanted;
    const auto text = [&](std::optional<std::string>& part, const std::string& name) {
        const std::string value = random.pick(4) == 0 ? random.content().second : random.value();
        const bool nobody = name == "user-name" && value.empty();
        if (random.maybe() && !why_impossible(value) && !nobody) {
            part = value;
            wanted[name] = value;
        }
    };
    text(settings.user, "user-name");
    text(settings.password, "password");
    if (random.maybe()) {
        settings.host = "db";
        wanted["connection-url"] = "jdbc:mysql://db:1/d?k=v&k2=%20";
    }
    return wanted;
}

TEST(Property, RandomDocumentsAndValues)
{
    Generator random(20161130);
    int edits = 0;
    for (int round = 0; round < 10'000; ++round) {
        Settings settings;
        const auto wanted = choose(random, settings);
        const Twins twins = make_twins(random, wanted);
        const std::string edited = applied(twins.before, settings);
        ASSERT_EQ(edited, twins.after) << twins.before;
        ASSERT_EQ(applied(edited, settings), edited);
        pugi::xml_document document;
        ASSERT_TRUE(document.load_buffer(edited.data(), edited.size(), pugi::parse_default | pugi::parse_ws_pcdata,
                                         random.encoding()))
            << edited;
        for (const auto& [name, value] : wanted) {
            ASSERT_EQ(read_by_jboss(document, name), value) << edited;
            ++edits;
        }
    }
    EXPECT_GT(edits, 10'000);
}

}  // namespace
