// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/core/xml_scan.hpp>
#include <dcm/volume/connectors.hpp>

#include <algorithm>

namespace dcm::volume {

namespace {

constexpr std::string_view k_property = "${jboss.bind.address}";

std::string detached(std::string tag)
{
    const std::string address = tag.find("AJP") == std::string::npos ? "0.0.0.0" : "127.0.0.1";
    for (auto at = tag.find(k_property); at != std::string::npos; at = tag.find(k_property, at)) {
        tag.replace(at, k_property.size(), address);
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
    return result == text ? std::nullopt : std::optional(result);
} catch (const Error&) {
    return std::nullopt;
}

bool is_detached(const std::string& text)
try {
    const auto elements = scan_xml(text, "").elements;
    const bool hidden = std::any_of(elements.begin(), elements.end(), [](const XmlElement& element) {
        return element.name == "Connector" && element.from_entity;
    });
    return !hidden && !detach_web(text);
} catch (const Error&) {
    return false;
}

}  // namespace dcm::volume
