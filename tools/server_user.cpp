// SPDX-License-Identifier: Apache-2.0
#include "server_user.hpp"

#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>
#include <dcm/volume/own.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace {

namespace archive = dcm::archive;
namespace volume = dcm::volume;
using dcm::sys::Credentials;

bool is_directory(const std::string& path)
{
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

archive::UserRecord record_of(const volume::Tree& tree, volume::Probe probe)
{
    if (const auto record = volume::read_run_as(tree, probe)) {
        return {record->user, record->is_settled, record->has_file_access};
    }
    // Whoever made a record go must not have gained by it.
    const bool has_marker = volume::read_marker_of(tree.root()).has_value();
    return {volume::owner_by_root(tree, false), false, false, !has_marker};
}

void say_who(const volume::Tree& tree, const archive::RunAs& run_as)
{
    const auto marker = volume::read_marker_of(tree.root());
    const bool is_root = run_as.user.value_or(Credentials{geteuid(), getegid()}).uid == 0;
    if (is_root && marker && marker->origin == volume::Origin::adopted) {
        dcm::log::info("the volume is of the original image: the server runs as root, without capabilities; "
                       "DCM_RUN_AS=UID:GID names another user, who has to be able to write " +
                       dcm::quoted(tree.full("archive")));
    }
}

}  // namespace

archive::RunAs user_of_server(const std::string& server, const std::optional<Credentials>& wanted)
{
    if (!is_directory(server)) {
        return {wanted};  // the start itself will say so
    }
    const volume::Tree tree(server);
    const auto decision = archive::choose_user(server, wanted, record_of(tree, volume::Probe::yes), dcm::log::write);
    if (decision.record) {
        try {
            const auto& record = *decision.record;
            volume::write_run_as(tree, {record.user, record.settled, record.file_access});
        } catch (const dcm::Error& failure) {
            dcm::log::warning(std::string(failure.what()) + ", proceeding: the next start decides again as whom the "
                                                            "server runs");
        }
    }
    archive::prepare_state(server, decision.run_as, dcm::log::write);
    say_who(tree, decision.run_as);
    return decision.run_as;
}

Credentials known_user(const std::string& server, const std::optional<Credentials>& wanted)
{
    if (wanted || geteuid() != 0) {
        return wanted.value_or(Credentials{geteuid(), getegid()});
    }
    return record_of(volume::Tree(server), volume::Probe::no).user;
}
