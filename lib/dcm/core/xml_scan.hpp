// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dcm {

// One element of a document. Offsets are those of its bytes.
struct XmlElement {
    std::string name;
    int depth = 0;              // the root's is 0
    std::size_t begin = 0;      // of "<name"
    std::size_t content = 0;    // behind the start tag
    std::size_t end_tag = 0;    // of "</name>"
    std::size_t end = 0;        // behind the end tag
    bool empty_tag = false;     // "<name/>": content, end_tag and end are one offset
    bool has_elements = false;  // inside
    bool from_entity = false;   // stands in an entity, not here
    bool incomplete = false;    // `text` lacks what only a reader with access to other files can tell
    std::string attributes;     // their values, UTF-8, references resolved, a newline behind each
    std::string text;           // of its own, UTF-8; references and CDATA resolved, comments left out
};

struct XmlScan {
    std::vector<XmlElement> elements;  // in the order of their start tags
    std::string encoding;              // lower case; "utf-8" when the document names none
};

// Read `text` as an XML parser does that opens no other file. UTF-8, US-ASCII, ISO-8859-1 and windows-1252 are known.
// Throws Error(data_error) naming `origin`, the line and the reason when it is no well-formed XML.
XmlScan scan_xml(const std::string& text, const std::string& origin);

}  // namespace dcm
