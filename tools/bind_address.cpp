// SPDX-License-Identifier: Apache-2.0
#include "bind_address.hpp"

#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/xml_scan.hpp>
#include <dcm/sys/beneath.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace {

constexpr const char* k_web_server = "deploy/jboss-web.deployer/server.xml";
constexpr std::uint64_t k_most = 1U << 20U;

// "${jboss.bind.address}", and the form with a default behind a colon: what -b sets.
bool follows_bind_address(const dcm::XmlElement& element)
{
    return element.name == "Connector" && element.attributes.find("jboss.bind.address") != std::string::npos;
}

}  // namespace

void bind_to_loopback(const std::string& server)
{
    if (dcm::sys::env("JBOSS_BIND_ADDR")) {
        return;
    }
    unsetenv("JBOSS_BIND_ADDR");
    dcm::sys::Fd directory = dcm::sys::open_fd(server, O_RDONLY | O_DIRECTORY);
    try {
        const auto text =
            directory ? dcm::sys::Beneath(std::move(directory), server).read(k_web_server, k_most) : std::nullopt;
        if (!text) {
            return;
        }
        const auto elements = dcm::scan_xml(*text, server + "/" + k_web_server).elements;
        if (std::none_of(elements.begin(), elements.end(), follows_bind_address)) {
            setenv("JBOSS_BIND_ADDR", "127.0.0.1", 1);
        }
    } catch (const dcm::Error& failure) {
        dcm::log::warning(std::string("the ports that JBoss needs for itself (RMI, JMS, AJP) stay open on every "
                                      "address: ") +
                          failure.what());
    }
}
