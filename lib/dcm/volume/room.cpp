// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/volume.hpp>

#include <fcntl.h>
#include <pwd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <set>

namespace dcm::volume {

namespace {

void check_rights(const Tree& volume, const Plan& plan)
{
    std::set<std::string> parents{"."};
    for (const auto& step : plan) {
        if (step.act == Act::add || step.act == Act::replace || step.act == Act::remove) {
            parents.insert(sys::parent_directory(step.entry.path));
        }
    }
    for (const auto& parent : parents) {
        // One that is not there, or is a file now, comes with the plan itself.
        if (volume.look(parent).kind == Found::Kind::directory &&
            faccessat(volume.fd(), parent.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
            throw volume.failure("write to", parent);
        }
    }
}

}  // namespace

void check_room_and_rights(const Tree& volume, const Plan& plan)
{
    struct statvfs free {};
    if (fstatvfs(volume.fd(), &free) != 0) {
        throw volume.failure("ask for the free space of", "");
    }
    if ((free.f_flag & ST_RDONLY) != 0) {
        throw Error(ExitCode::no_permission, quoted(volume.root()) + " is mounted read-only; mount it without ':ro'");
    }
    check_rights(volume, plan);
    std::uint64_t bytes = 64 * free.f_frsize;
    std::uint64_t inodes = 16;
    for (const auto& step : plan) {
        if (step.act == Act::add || step.act == Act::replace || step.act == Act::offer) {
            bytes += (step.entry.size + free.f_frsize - 1) / free.f_frsize * free.f_frsize;
            inodes += 1;
        }
    }
    const std::uint64_t available = std::uint64_t{free.f_bavail} * free.f_frsize;
    if (available < bytes) {
        throw Error(ExitCode::unavailable, "no room in " + quoted(volume.root()) + ": " + human_size(bytes) +
                                               " needed, " + human_size(available) +
                                               " free; free space there and start again");
    }
    // f_files 0: a file system that has no fixed number of inodes.
    if (free.f_files != 0 && free.f_favail < inodes) {
        throw Error(ExitCode::unavailable, "no inodes left in " + quoted(volume.root()) + ": " +
                                               std::to_string(inodes) + " needed, " + std::to_string(free.f_favail) +
                                               " free; remove files there and start again");
    }
}

Owner choose_owner(const Volume& volume)
{
    const Owner owner = volume.tree().look(".").owner;
    const passwd* const image_user = owner.uid == 0 && geteuid() == 0 ? getpwnam("dcm") : nullptr;
    return image_user != nullptr ? Owner{image_user->pw_uid, image_user->pw_gid} : owner;
}

}  // namespace dcm::volume
