// SPDX-License-Identifier: Apache-2.0
#include "bind_address.hpp"

#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/xml_scan.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

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
    const std::string path = server + "/deploy/jboss-web.deployer/server.xml";
    try {
        const auto text = dcm::sys::read_file(path);
        if (!text) {
            return;
        }
        const auto elements = dcm::scan_xml(*text, path).elements;
        if (std::none_of(elements.begin(), elements.end(), follows_bind_address)) {
            setenv("JBOSS_BIND_ADDR", "127.0.0.1", 1);
        }
    } catch (const dcm::Error& failure) {
        dcm::log::warning(std::string("the ports that JBoss needs for itself (RMI, JMS, AJP) stay open on every "
                                      "address: ") +
                          failure.what());
    }
}
