// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/notice.hpp>
#include <dcm/cron/environment.hpp>

#include <functional>
#include <optional>
#include <string>

namespace dcm::cron {

// Where the last crontab that was good outlives the container; both may throw Error.
struct KeptCrontab {
    std::function<std::optional<std::string>()> read;  // nullopt: there is none that can be trusted
    std::function<void(const std::string&)> write;     // does nothing when that is what is kept
};

struct LoadSettings {
    std::string file = "/crontab_file";
    std::string user = "root";
    std::string job_shell;  // program that runs the jobs; empty: the shell that the table names
    std::string spool = "/var/spool/cron/crontabs";
    std::string backups = "/var/backups";
    std::string run_directory = k_run_directory;  // where the container's environment is left for jobs
    std::optional<KeptCrontab> kept;
    bool container_starts = false;  // this process has that environment; else it is published only where there is none
};

// Make `settings.file` the whole crontab of `settings.user`. Nothing runs and nothing is written when that table is
// already installed; an absent file changes nothing either. A table that is there and did not come from here, or was
// changed since, is first saved in `settings.backups` and named. Warns when another file was put in the place of the
// mounted one on the host, so that this container keeps the old one. Every line that cron refuses is reported as an
// error notice, and then nothing is changed: throws Error(data_error); Error(no_input) when the file cannot be read or
// is a directory; otherwise as crontab.hpp says. A table that is good is kept, `settings.kept`.
void load(const LoadSettings& settings, const Notify& notify);

// `load` without installing: throws for what it would refuse.
void check(const LoadSettings& settings, const Notify& notify);

// `load`, for a start that no fault of a crontab may stop: what is wrong becomes an error notice, which says which jobs
// run now. Those that are installed stay; a container that is new gets those of the last crontab that was good.
void load_or_explain(const LoadSettings& settings, const Notify& notify);

}  // namespace dcm::cron
