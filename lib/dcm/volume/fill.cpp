// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/clock.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/volume/fill.hpp>
#include <dcm/volume/marker.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace dcm::volume {

namespace {

constexpr std::chrono::seconds k_report_every{10};

// One run of `fill`.
class Filling {
public:
    Filling(const FillJob& job, const Manifest& manifest)
        : m_job(job), m_manifest(manifest), m_tmp(job.target + "/" + k_own_directory + "/tmp"),
          m_last_report(m_clock.now())
    {
        for (const auto& entry : manifest) {
            m_total += entry.size;
        }
    }

    FillSummary run()
    {
        for (const auto& entry : m_manifest) {
            if (!is_in_mount(entry.path) && (entry.type == Type::directory || !exists(entry))) {
                stage(entry);
            }
        }
        sync();
        for (const auto& [temporary, path] : m_renames) {
            const std::string final_path = m_job.target + "/" + path;
            // Not rename: it would replace what appeared in the meantime.
            if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, final_path.c_str(), RENAME_NOREPLACE) != 0 &&
                !place_without_noreplace(temporary, final_path)) {
                throw failure("cannot create", final_path);
            }
        }
        finish_directories();
        sync();
        return m_summary;
    }

private:
    Error failure(const std::string& verb, const std::string& path) const
    {
        const int reason = errno;
        const std::string remedy =
            reason == ENOSPC || reason == EDQUOT
                ? "free space on that file system and start again: the work goes on where it stopped"
                : "";
        return system_error(verb + " " + quoted(path), reason, ExitCode::cant_create, remedy);
    }

    // File systems without RENAME_NOREPLACE (NFS, older overlays): a link never replaces, then the temporary name goes.
    bool place_without_noreplace(const std::string& temporary, const std::string& final_path) const
    {
        if (errno == EEXIST) {
            return unlink(temporary.c_str()) == 0;
        }
        struct stat status {};
        return errno == EINVAL && lstat(final_path.c_str(), &status) != 0 &&
               rename(temporary.c_str(), final_path.c_str()) == 0;
    }

    bool is_in_mount(const std::string& path) const
    {
        return std::any_of(m_job.mounts.begin(), m_job.mounts.end(),
                           [&](const std::string& mount) { return path == mount || starts_with(path, mount + "/"); });
    }

    bool exists(const Entry& entry) const
    {
        struct stat status {};
        return lstat((m_job.target + "/" + entry.path).c_str(), &status) == 0;
    }

    void stage(const Entry& entry)
    {
        const std::string final_path = m_job.target + "/" + entry.path;
        if (entry.type == Type::directory) {
            if (mkdir(final_path.c_str(), 0700) != 0 && errno != EEXIST) {
                throw failure("cannot create the directory", final_path);
            }
            m_directories.push_back(&entry);
            return;
        }
        const std::string temporary = m_tmp + "/" + std::to_string(m_renames.size());
        if (entry.type == Type::link) {
            if (symlink(entry.target.c_str(), temporary.c_str()) != 0) {
                throw failure("cannot create the link", temporary);
            }
            own(temporary);
        } else {
            copy(entry, temporary);
            ++m_summary.files;
            m_summary.bytes += entry.size;
        }
        m_renames.emplace_back(temporary, entry.path);
        report();
    }

    void copy(const Entry& entry, const std::string& temporary)
    {
        const std::string source = m_job.source + "/" + entry.path;
        const sys::Fd in = sys::open_fd(source, O_RDONLY | O_NOFOLLOW);
        struct stat status {};
        if (!in || fstat(in.get(), &status) != 0) {
            throw system_error("cannot read " + quoted(source), errno, ExitCode::no_input,
                               "the image is damaged: pull it again");
        }
        if (static_cast<std::uint64_t>(status.st_size) != entry.size) {
            throw Error(ExitCode::data_error,
                        quoted(source) +
                            " is not what its manifest says; the image is damaged: pull or build it again");
        }
        const sys::Fd out = sys::open_fd(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (!out) {
            throw failure("cannot create", temporary);
        }
        copy_bytes(in.get(), out.get(), entry.size, temporary);
        const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
        own(temporary);
        if (fchmod(out.get(), entry.mode) != 0 || futimens(out.get(), times.data()) != 0) {
            throw failure("cannot set mode and time of", temporary);
        }
    }

    void copy_bytes(int in, int out, std::uint64_t size, const std::string& path) const
    {
        while (size > 0) {
            const auto copied = copy_file_range(in, nullptr, out, nullptr, size, 0);
            if (copied <= 0) {
                copy_through_memory(in, out, size, path);
                return;
            }
            size -= static_cast<std::uint64_t>(copied);
        }
    }

    // Where the kernel does not copy between these two file systems.
    void copy_through_memory(int in, int out, std::uint64_t size, const std::string& path) const
    {
        std::vector<char> buffer(128UL * 1024);
        while (size > 0) {
            const auto got = read(in, buffer.data(), buffer.size());
            if (got <= 0 || !sys::write_all(out, {buffer.data(), static_cast<std::size_t>(got)})) {
                throw failure("cannot write", path);
            }
            size -= std::min(size, static_cast<std::uint64_t>(got));
        }
    }

    // A file system that cannot keep owners (NFS with root_squash, CIFS) is no reason not to start; it is said once.
    void own(const std::string& path)
    {
        if (lchown(path.c_str(), m_job.owner.uid, m_job.owner.gid) != 0 && !m_owner_told) {
            m_owner_told = true;
            m_job.notify({Level::warning,
                          "cannot give files below " + quoted(m_job.target) + " to uid " +
                              std::to_string(m_job.owner.uid) + ": " + system_error("chown", errno).what() +
                              ", proceeding as uid " + std::to_string(geteuid()),
                          {}});
        }
    }

    // Modes last, deepest first: a directory that its owner may not write to must not stop its own filling. All of them,
    // not only those made now: a run that was killed left its own with a mode for the time of the work.
    void finish_directories()
    {
        for (auto entry = m_directories.rbegin(); entry != m_directories.rend(); ++entry) {
            const std::string path = m_job.target + "/" + (*entry)->path;
            own(path);
            if (chmod(path.c_str(), (*entry)->mode) != 0) {
                throw failure("cannot set the mode of", path);
            }
        }
    }

    void sync() const
    {
        const sys::Fd root = sys::open_fd(m_job.target, O_RDONLY | O_DIRECTORY);
        if (!root || syncfs(root.get()) != 0) {
            throw failure("cannot make durable what was written to", m_job.target);
        }
    }

    void report()
    {
        if (m_clock.now() - m_last_report < k_report_every) {
            return;
        }
        m_last_report = m_clock.now();
        m_job.notify(
            {Level::info,
             "filling " + quoted(m_job.target) + ": " + human_size(m_summary.bytes) + " of " + human_size(m_total),
             {}});
    }

    const FillJob& m_job;
    const Manifest& m_manifest;
    std::string m_tmp;
    std::vector<std::pair<std::string, std::string>> m_renames;  // temporary, final path below the target
    std::vector<const Entry*> m_directories;
    FillSummary m_summary;
    std::uint64_t m_total = 0;
    bool m_owner_told = false;
    SystemClock m_clock;
    Clock::time_point m_last_report;
};

}  // namespace

FillSummary fill(const FillJob& job, const Manifest& manifest) { return Filling(job, manifest).run(); }

}  // namespace dcm::volume
