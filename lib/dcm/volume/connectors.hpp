// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcm::volume {

// JBoss 4.2.3's web server: its Connectors, like every other service of JBoss, listen on "${jboss.bind.address}" (read
// in the genuine file), which the argument -b of the server sets. DICOM and HL7 have addresses of their own.
constexpr std::string_view k_web_server = "deploy/jboss-web.deployer/server.xml";

// The text of that file with addresses of its own, so that -b no longer moves the web page: HTTP on every address, AJP
// on loopback. nullopt when there is nothing to change, or the text is not XML.
std::optional<std::string> detach_web(const std::string& text);

// True when no Connector follows -b, in whatever way. Throws Error(data_error) naming `origin` when the text is not
// XML.
bool is_detached(const std::string& text, const std::string& origin);

}  // namespace dcm::volume
