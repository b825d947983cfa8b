// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/xml_scan.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dcm::datasource {

// One element's new value, and what JBoss read from it before; nullopt when it was not there, or could not be told.
struct Change {
    std::string element;
    std::optional<std::string> before;
    std::string after;
};

// The text of a *-ds.xml file, and in it the one datasource with a given jndi-name. An XML parser says where the
// elements are; edits change the bytes of their content and no other: comments, line ends, entities, a byte order mark
// stay.
class Document {
public:
    // Throws Error(data_error) naming `origin` when `text` is not well-formed XML in an encoding that `scan_xml` knows,
    // has no datasource of that name or more than one.
    Document(std::string text, std::string origin, std::string jndi_name);

    // Whether element `name` stands in the datasource; one inside a comment does not.
    // Throws Error(data_error) when it stands there twice.
    bool has(const std::string& name) const { return find(name) != nullptr; }

    // What JBoss reads from element `name` (`from_jboss`); nullopt when there is none. Throws Error(data_error) as
    // `has`, and when it holds elements, or an entity of another file.
    std::optional<std::string> value(const std::string& name) const;

    // Make `value(name)` be `wanted`; adds the element in the place that JBoss's DTD wants. Nothing changes when it
    // already is, however it is spelled. Throws Error(data_error) as `has`, and when the content holds elements or
    // stands in an entity.
    void set_value(const std::string& name, const std::string& wanted);

    // Of the element that holds all this: local-tx-datasource, no-tx-datasource, xa-datasource…
    const std::string& kind() const { return m_kind; }

    const std::string& text() const { return m_text; }

    // What `set_value` changed, in the order of the calls.
    const std::vector<Change>& changes() const { return m_changes; }

private:
    void index();
    const XmlElement* find(const std::string& name) const;
    void insert(const std::string& name, const std::string& content);
    void check_editable(const XmlElement& element) const;

    std::string m_text;
    std::string m_origin;
    std::string m_jndi_name;
    std::string m_kind;
    bool m_utf8 = true;
    std::vector<XmlElement> m_elements;  // of the datasource, in the file's order
    std::vector<Change> m_changes;
};

}  // namespace dcm::datasource
