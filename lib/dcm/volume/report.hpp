// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/volume/decide.hpp>

#include <string>
#include <vector>

namespace dcm::volume {

// One line of a report: what would be done, or how the volume differs, and where.
struct ReportLine {
    std::string what;
    std::string path;
    std::string note;
};
using Report = std::vector<ReportLine>;

// One line per entry; with `json`, one object per line.
enum class ReportFormat { text, json };
std::string format_report(const Report& report, ReportFormat format);

Report report_of(const Plan& plan);

// How code and configuration on the volume differ from `manifest`: edited, missing, mode, extra.
Report differences(const Tree& volume, const std::vector<std::string>& mounts, const Manifest& manifest);

// What was done to a volume, in words for whoever reads the log; `image` is what it follows now.
void tell_done(Course course, const Tree& volume, const Plan& plan, const Marker& image, const Notify& notify);
void tell_rolled_back(const Tree& volume, const Plan& plan, const Marker& from, const Marker& to, const Notify& notify);

// Why a volume of another image than `image` is used as it is.
void tell_kept(const Tree& volume, const Marker& marker, const Marker& image, const Notify& notify);

// What answers without a login on a volume that has the original image's tree: one line at each start.
void tell_open(const Tree& volume, const Notify& notify);

}  // namespace dcm::volume
