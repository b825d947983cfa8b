// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/export.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace dcm::datasource {

// The text of a *-ds.xml file, and in it the one datasource with a given jndi-name. An XML parser says where the
// elements are; edits change the bytes of their content and no other: comments, line ends, entities, a byte order mark
// stay.
class DCM_API Document {
public:
    // Throws Error(data_error) naming `origin` when `text` is not XML in UTF-8 (or plain ASCII or ISO-8859-1), has no
    // datasource of that name or more than one.
    Document(std::string text, std::string origin, std::string jndi_name);

    // The content of element `name`, entities and CDATA resolved, as it stands in the file; nullopt when there is none.
    // Throws Error(data_error) when the element stands twice.
    std::optional<std::string> content(const std::string& name) const;

    // Make `content(name)` be `value`; adds the element in the place that JBoss's DTD wants. Nothing changes when it
    // already is.
    void set_content(const std::string& name, const std::string& value);

    const std::string& text() const { return m_text; }

private:
    struct Span {
        std::size_t name;   // offset of the element's name
        std::size_t begin;  // of its content
        std::size_t end;
        std::size_t after;  // behind its end tag
        bool self_closed;
    };

    // Where the element stands in `m_text`, and its value through `value` when wanted.
    std::optional<Span> find(const std::string& name, std::string* value) const;
    void insert(const std::string& name, const std::string& value);
    std::string encode(const std::string& value) const;
    Span span_at(std::size_t name_offset) const;

    std::string m_text;
    std::string m_origin;
    std::string m_jndi_name;
    bool m_latin1 = false;
};

}  // namespace dcm::datasource
