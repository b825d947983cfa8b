// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/core/xml_scan.hpp>

#include <expat.h>

#include <array>
#include <cstdint>
#include <memory>

namespace dcm {

namespace {

// expat 2.9 has calls of 64 bits for where the parser is, and deprecates the ones before.
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
std::size_t offset_in(XML_Parser parser) { return static_cast<std::size_t>(XML_GetCurrentByteIndex64(parser)); }
std::size_t length_in(XML_Parser parser) { return XML_GetCurrentByteCount64(parser); }
std::uint64_t line_in(XML_Parser parser) { return XML_GetCurrentLineNumber64(parser); }
#else
std::size_t offset_in(XML_Parser parser) { return static_cast<std::size_t>(XML_GetCurrentByteIndex(parser)); }
std::size_t length_in(XML_Parser parser) { return static_cast<std::size_t>(XML_GetCurrentByteCount(parser)); }
std::uint64_t line_in(XML_Parser parser) { return XML_GetCurrentLineNumber(parser); }
#endif

// Of windows-1252, beside what it shares with ISO-8859-1; -1: no character.
constexpr std::array<int, 32> k_windows_1252{0x20ac, -1,     0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                             0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, -1,     0x017d, -1,
                                             -1,     0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                             0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, -1,     0x017e, 0x0178};

// Where the parser is, and what it has found so far.
struct Reader {
    const std::string* text = nullptr;
    XML_Parser parser = nullptr;
    XmlScan scan;
    std::vector<std::size_t> open;  // indexes of the elements that are not closed yet

    std::size_t offset() const { return offset_in(parser); }
    std::size_t length() const { return length_in(parser); }
    XmlElement* innermost() { return open.empty() ? nullptr : &scan.elements[open.back()]; }

    void start(const char* name, const char** attributes)
    {
        XmlElement element;
        element.name = name;
        element.depth = static_cast<int>(open.size());
        element.begin = offset();
        element.content = element.begin + length();
        element.from_entity = text->compare(element.begin, 1 + element.name.size(), "<" + element.name) != 0;
        for (; *attributes != nullptr; attributes += 2) {
            element.attributes.append(attributes[1]).append("\n");
        }
        if (XmlElement* const parent = innermost()) {
            parent->has_elements = true;
        }
        open.push_back(scan.elements.size());
        scan.elements.push_back(std::move(element));
    }

    // An empty-element tag is told as a start and, behind it, an end of no length.
    void end()
    {
        XmlElement& element = *innermost();
        element.end_tag = offset();
        element.end = element.end_tag + length();
        element.empty_tag = length() == 0;
        open.pop_back();
    }

    void incomplete()
    {
        if (XmlElement* const element = innermost()) {
            element->incomplete = true;
        }
    }
};

Reader& reader_of(void* data) { return *static_cast<Reader*>(data); }

void set_handlers(XML_Parser parser)
{
    XML_SetElementHandler(
        parser, [](void* data, const char* name, const char** attributes) { reader_of(data).start(name, attributes); },
        [](void* data, const char*) { reader_of(data).end(); });
    XML_SetCharacterDataHandler(parser, [](void* data, const char* text, int length) {
        if (XmlElement* const element = reader_of(data).innermost()) {
            element->text.append(text, static_cast<std::size_t>(length));
        }
    });
    XML_SetXmlDeclHandler(parser, [](void* data, const char*, const char* encoding, int) {
        if (encoding != nullptr) {
            reader_of(data).scan.encoding = lower(encoding);
        }
    });
    // The two ways in which text is left out: an entity in another file, one declared in another file.
    XML_SetExternalEntityRefHandler(parser,
                                    [](XML_Parser reading, const char*, const char*, const char*, const char*) -> int {
                                        reader_of(XML_GetUserData(reading)).incomplete();
                                        return XML_STATUS_OK;
                                    });
    XML_SetSkippedEntityHandler(parser, [](void* data, const char*, int) { reader_of(data).incomplete(); });
    XML_SetUnknownEncodingHandler(
        parser,
        [](void*, const char* name, XML_Encoding* encoding) -> int {
            if (lower(name) != "windows-1252") {
                return XML_STATUS_ERROR;
            }
            for (int byte = 0; byte < 256; ++byte) {
                encoding->map[byte] =
                    byte >= 0x80 && byte < 0xa0 ? k_windows_1252.at(static_cast<std::size_t>(byte - 0x80)) : byte;
            }
            encoding->data = nullptr;
            encoding->convert = nullptr;
            encoding->release = nullptr;
            return XML_STATUS_OK;
        },
        nullptr);
}

}  // namespace

XmlScan scan_xml(const std::string& text, const std::string& origin)
{
    if (starts_with(text, "\xff\xfe") || starts_with(text, "\xfe\xff")) {
        throw Error(ExitCode::data_error, quoted(origin) + " is written in UTF-16; save it as UTF-8");
    }
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(
        XML_ParserCreate(nullptr), XML_ParserFree);
    if (!parser) {
        throw std::bad_alloc();
    }
    Reader reader;
    reader.text = &text;
    reader.parser = parser.get();
    reader.scan.encoding = "utf-8";
    XML_SetUserData(parser.get(), &reader);
    set_handlers(parser.get());
    if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) != XML_STATUS_OK) {
        throw Error(ExitCode::data_error, quoted(origin) + " is not XML: line " +
                                              std::to_string(line_in(parser.get())) + ": " +
                                              XML_ErrorString(XML_GetErrorCode(parser.get())) +
                                              "; correct it, or take the file from the template again");
    }
    return std::move(reader.scan);
}

}  // namespace dcm
