// SPDX-License-Identifier: Apache-2.0
#include "bind_address.hpp"

#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>

#include <cstdlib>

void bind_to_loopback(const std::string& server, const std::optional<dcm::volume::Marker>& marker)
{
    if (dcm::sys::env("JBOSS_BIND_ADDR")) {
        return;
    }
    unsetenv("JBOSS_BIND_ADDR");
    if (!marker || marker->harden != dcm::volume::Harden::full) {
        return;
    }
    const std::string path = server + "/" + std::string(dcm::volume::k_web_server);
    std::string why = dcm::quoted(path) + " ties the web page to them; write address=\"0.0.0.0\" in its HTTP Connector";
    try {
        const auto text = dcm::sys::read_file(path);
        if (!text) {
            return;
        }
        if (dcm::volume::is_detached(*text, path)) {
            setenv("JBOSS_BIND_ADDR", "127.0.0.1", 1);
            return;
        }
    } catch (const dcm::Error& failure) {
        why = failure.what();
    }
    dcm::log::warning("the ports that JBoss needs for itself (RMI, JMS, AJP) stay open on every address: " + why);
}
