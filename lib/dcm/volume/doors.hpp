// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/volume/connectors.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::volume {

// How much of what a stock server offers to anyone on the network is taken away. In this order, each includes the one
// before.
enum class Harden { undecided, off, basic, full };

std::string_view name(Harden level);

// off, basic or full; nullopt for anything else.
std::optional<Harden> parse_harden(std::string_view text);

// What takes the place of what is taken out.
enum class StandIn {
    none,
    page,      // without a root web application every address answers 400 (measured): one with a page of ours
    detached,  // the same file, but that its web page does not follow -b: dcm-start then gives -b loopback
};

// A deployment that is taken out of the server's reach, from `level` on.
struct Door {
    std::string_view path;
    Harden level;
    StandIn stand_in;
    std::string_view what;  // it answers
};

// Measured on a stock 2.18.3: what answers without a login, and, for `full`, the consoles that ask for one and what
// JBoss listens on for itself.
constexpr std::array<Door, 5> k_doors{
    {{"deploy/http-invoker.sar", Harden::basic, StandIn::none, "/invoker/ (runs what anyone sends)"},
     {"deploy/jboss-web.deployer/ROOT.war", Harden::basic, StandIn::page, "/status"},
     {"deploy/jmx-console.war", Harden::full, StandIn::none, "/jmx-console/"},
     {"deploy/management", Harden::full, StandIn::none, "/web-console/"},
     {k_web_server, Harden::full, StandIn::detached, "what JBoss listens on for itself (RMI, JMS, AJP)"}}};

// True for `directory` itself and all below it.
bool is_in(std::string_view path, std::string_view directory);

// The door that `path` is, or is in; nullptr when it is none.
const Door* door_of(std::string_view path);

// Where on the volume what was taken out is kept, byte for byte. A door is shut if, and only if, that exists.
std::string kept_path(std::string_view path);

}  // namespace dcm::volume
