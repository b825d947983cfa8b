// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/volume/volume.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dcm::volume {

namespace {

class Verifying {
public:
    Verifying(const Volume& volume, const Manifest& manifest) : m_volume(volume), m_manifest(manifest) {}

    Report run()
    {
        for (const auto& entry : m_manifest) {
            if (is_covered(entry.path_class) && !is_mount(entry.path)) {
                compare(entry);
            }
        }
        look_for_extras("");
        std::stable_sort(m_report.begin(), m_report.end(),
                         [](const ReportLine& a, const ReportLine& b) { return a.path < b.path; });
        return std::move(m_report);
    }

private:
    static bool is_covered(Class path_class) { return path_class == Class::image || path_class == Class::config; }

    bool is_mount(const std::string& path) const
    {
        const auto& mounts = m_volume.mounts();
        return std::any_of(mounts.begin(), mounts.end(),
                           [&](const std::string& mount) { return path == mount || starts_with(path, mount + "/"); });
    }

    void say(const std::string& what, const std::string& path, Class path_class)
    {
        m_report.push_back({what, path, std::string(name(path_class))});
    }

    void compare(const Entry& entry)
    {
        const Found found = m_volume.tree().look(entry.path);
        if (!found.exists()) {
            say("missing", entry.path, entry.path_class);
        } else if (!m_volume.tree().same(found, entry.path, entry)) {
            say("edited", entry.path, entry.path_class);
        } else if (entry.type != Type::link && found.mode != entry.mode) {
            say("mode", entry.path, entry.path_class);
        }
    }

    void look_for_extras(const std::string& directory)
    {
        for (const auto& item : m_volume.tree().names_in(directory.empty() ? "." : directory)) {
            const std::string path = directory.empty() ? item : std::string(directory).append("/").append(item);
            const Entry* const entry = find(m_manifest, path);
            const Class path_class = entry != nullptr ? entry->path_class : default_classes().of(path);
            const bool ours = directory.empty() && (item == k_own_directory || is_housekeeping(item));
            if (ours || !is_covered(path_class) || is_mount(path) || entry_of_other_class(path)) {
                continue;
            }
            const Found found = m_volume.tree().look(path);
            if (entry == nullptr) {
                say("extra", path, path_class);
            } else if (found.kind == Found::Kind::directory && entry->type == Type::directory) {
                look_for_extras(path);
            }
        }
    }

    // tmp, work and log themselves: their content has a class of its own.
    static bool entry_of_other_class(const std::string& path) { return !is_covered(default_classes().of(path + "/x")); }

    const Volume& m_volume;
    const Manifest& m_manifest;
    Report m_report;
};

}  // namespace

Report verify(const SeedSettings& settings)
{
    const Notify silent = [](const Notice&) {};
    const Volume volume(settings.target, silent);
    if (!volume.marker()) {
        throw Error(ExitCode::config,
                    dcm::quoted(volume.root()) + " has no marker: there is nothing to compare it with");
    }
    Report report =
        Verifying(volume, parse_manifest(volume.manifest_text(), own_file(volume.root(), "manifest"))).run();
    if (volume.has_pending()) {
        report.push_back({"unfinished", "", "a change was interrupted; the next start completes it"});
    }
    return report;
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
