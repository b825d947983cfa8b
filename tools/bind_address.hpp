// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/marker.hpp>

#include <optional>
#include <string>

// On a volume hardened to `full`, all of JBoss but the web page, DICOM and HL7 listens on loopback: run.sh gives
// JBOSS_BIND_ADDR to -b. Never where that would take the web page with it.
void bind_to_loopback(const std::string& server, const std::optional<dcm::volume::Marker>& marker);
