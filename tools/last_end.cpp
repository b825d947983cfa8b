// SPDX-License-Identifier: Apache-2.0
#include "last_end.hpp"

#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/volume/own.hpp>

#include <unistd.h>

namespace {

namespace archive = dcm::archive;
namespace volume = dcm::volume;

constexpr const char* k_name = "last-end";

}  // namespace

std::optional<archive::End> previous_end(const std::string& server)
{
    if (access(server.c_str(), X_OK) != 0) {
        return std::nullopt;
    }
    try {
        const volume::Tree tree(server);
        const auto text = is_read(volume::trust_of(tree)) ? volume::read_own(tree, k_name) : std::nullopt;
        return text ? archive::parse_end(*text) : std::nullopt;
    } catch (const dcm::Error& failure) {
        dcm::log::warning(std::string(failure.what()) + ", ignoring");
        return std::nullopt;
    }
}

void keep_end(const std::string& server, const archive::End& end)
{
    const volume::Tree tree(server);
    if (is_read(volume::trust_of(tree))) {
        dcm::sys::write_file_atomically(tree, volume::own_path(k_name), archive::format_end(end), 0600);
    }
}
