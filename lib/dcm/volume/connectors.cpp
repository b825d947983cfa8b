// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/xml_scan.hpp>
#include <dcm/volume/connectors.hpp>

#include <algorithm>

namespace dcm::volume {

namespace {

constexpr std::string_view k_property = "jboss.bind.address";

// "${jboss.bind.address}", and the form with a default behind a colon.
std::string detached(std::string tag)
{
    const std::string address = tag.find("AJP") == std::string::npos ? "0.0.0.0" : "127.0.0.1";
    const std::string begin = "${" + std::string(k_property);
    for (auto at = tag.find(begin); at != std::string::npos; at = tag.find(begin, at + 1)) {
        const auto behind = tag.find('}', at);
        if (behind != std::string::npos) {
            tag.replace(at, behind + 1 - at, address);
        }
    }
    return tag;
}

}  // namespace

std::optional<std::string> detach_web(const std::string& text)
try {
    std::string result = text;
    const auto elements = scan_xml(text, "").elements;
    for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
        if (element->name == "Connector" && !element->from_entity) {
            const auto size = element->content - element->begin;
            result.replace(element->begin, size, detached(text.substr(element->begin, size)));
        }
    }
    return result != text && is_detached(result, "") ? std::optional(result) : std::nullopt;
} catch (const Error&) {
    return std::nullopt;
}

bool is_detached(const std::string& text, const std::string& origin)
{
    const auto elements = scan_xml(text, origin).elements;
    return std::none_of(elements.begin(), elements.end(), [](const XmlElement& element) {
        return element.name == "Connector" && element.attributes.find(k_property) != std::string::npos;
    });
}

}  // namespace dcm::volume
