// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/report.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dcm::volume {

namespace {

class Verifying {
public:
    Verifying(const Tree& volume, const std::vector<std::string>& mounts, const Manifest& manifest)
        : m_volume(volume), m_mounts(mounts), m_manifest(manifest), m_written(read_written(volume))
    {
    }

    Report run()
    {
        for (const auto& entry : m_manifest) {
            if (follows_image(entry.path_class) && !is_mounted(m_mounts, entry.path)) {
                compare(entry);
            }
        }
        look_for_extras(".");
        std::stable_sort(m_report.begin(), m_report.end(),
                         [](const ReportLine& a, const ReportLine& b) { return a.path < b.path; });
        return std::move(m_report);
    }

private:
    void say(const std::string& what, const std::string& path, PathClass path_class)
    {
        m_report.push_back({what, path, std::string(name(path_class))});
    }

    void compare(const Entry& entry)
    {
        const Found found = m_volume.see(entry.path);
        if (!found.exists()) {
            say("missing", entry.path, entry.path_class);
        } else if (is_written_by_us(found, entry)) {
            return;
        } else if (!m_volume.same(found, entry.path, entry)) {
            say("edited", entry.path, entry.path_class);
        } else if (entry.type != Type::link && found.mode != entry.mode) {
            say("mode", entry.path, entry.path_class);
        }
    }

    bool is_written_by_us(const Found& found, Entry entry) const
    {
        const auto note = m_written.find(entry.path);
        if (note == m_written.end()) {
            return false;
        }
        entry.size = found.size;
        entry.sha256 = note->second;
        return entry.type == Type::file && m_volume.same(found, entry.path, entry);
    }

    void look_for_extras(const std::string& directory)
    {
        for (const auto& path : m_volume.list(directory)) {
            const Entry* const entry = find(m_manifest, path);
            const PathClass path_class = entry != nullptr ? entry->path_class : class_of(path);
            if (is_not_the_sites(path) || !follows_image(path_class) || is_mounted(m_mounts, path) ||
                is_filled_by_server(path)) {
                continue;
            }
            const Found found = m_volume.see(path);
            if (entry == nullptr) {
                say("extra", path, path_class);
            } else if (found.kind == Found::Kind::directory && entry->type == Type::directory) {
                look_for_extras(path);
            }
        }
    }

    const Tree& m_volume;
    const std::vector<std::string>& m_mounts;
    const Manifest& m_manifest;
    std::map<std::string, std::string> m_written;
    Report m_report;
};

}  // namespace

Report differences(const Tree& volume, const std::vector<std::string>& mounts, const Manifest& manifest)
{
    return Verifying(volume, mounts, manifest).run();
}

std::string format_report(const Report& report, ReportFormat format)
{
    std::string text;
    for (const auto& line : report) {
        if (format == ReportFormat::json) {
            const nlohmann::ordered_json object{{"what", line.what}, {"path", line.path}, {"note", line.note}};
            text += object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
        } else {
            text += line.what + (line.path.empty() ? "" : " " + printable(line.path)) + " (" + line.note + ")\n";
        }
    }
    return text;
}

}  // namespace dcm::volume
