// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/volume/progress.hpp>
#include <dcm/volume/tree.hpp>

#include <sys/stat.h>

#include <ctime>
#include <string>

namespace dcm::volume {

// When a copy is held against the hash of its entry.
enum class Check {
    always,
    suspicious  // only when the original was written to since the copier was made, or less than 2 s before
};

// Copies single paths of one tree to new names in another: content, mode, times, owner.
class Copier {
public:
    Copier(const Tree& from, const Tree& to, Check check, const Notify& notify, Progress& progress);

    // `entry.path` of the source becomes `to`, which must not exist; a directory becomes an empty one with mode 0700.
    // Throws Error(data_error) when the original is not what the entry says, Error(no_input) when it cannot be read.
    void copy(const Entry& entry, const std::string& to, const sys::Credentials& owner);

    // Mode and time of a directory, once it is full.
    void finish_directory(const std::string& from, const std::string& to, unsigned mode) const;

private:
    void copy_file(const Entry& entry, const std::string& to, const sys::Credentials& owner);
    void copy_bytes(int in, int out, const Entry& entry, const std::string& to) const;
    void check_content(int in, int out, const Entry& entry, const std::string& to) const;
    void tell_no_owners(const sys::Credentials& owner);

    const Tree& m_from;
    const Tree& m_to;
    Check m_check;
    const Notify& m_notify;
    Progress& m_progress;
    timespec m_begin{};
    bool m_owner_told = false;
};

}  // namespace dcm::volume
