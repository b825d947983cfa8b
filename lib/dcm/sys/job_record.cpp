// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/names.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/job_record.hpp>

#include <algorithm>
#include <array>
#include <csignal>

namespace dcm::sys {

namespace {

constexpr auto k_events = names_up_to<JobEvent::ended>("started", "ended");
constexpr std::size_t k_fields = 7;
constexpr char k_mark = '\x01';
constexpr std::uint64_t k_max_time_ms = 1ULL << 50U;

bool is_id(std::string_view text)
{
    return !text.empty() && text.size() <= 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_word(std::string_view text)
{
    return !text.empty() && text.size() <= 32 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

std::optional<ExitStatus> parse_status(std::string_view how, std::string_view value)
{
    const auto number = parse_unsigned(value, 0, how == "exit" ? 255 : NSIG);
    if (!number || (how != "exit" && how != "signal")) {
        return std::nullopt;
    }
    return how == "exit" ? ExitStatus::exited(static_cast<int>(*number))
                         : ExitStatus::killed(static_cast<int>(*number));
}

}  // namespace

std::string job_prefix(const std::string& user, const std::string& name)
{
    return user == "root" ? "[" + name + "] " : "[" + user + "/" + name + "] ";
}

std::string format_job_record(const JobRecord& record)
{
    std::string message(1, k_mark);
    message.append(name_in(k_events, record.event));
    for (const auto& field :
         {record.id, record.name, std::to_string(record.started_ms), std::to_string(record.duration.count()),
          std::string(record.status.signal() ? "signal" : "exit"),
          std::to_string(record.status.signal().value_or(record.status.shell_code()))}) {
        message.append("\t").append(field);
    }
    return message;
}

std::optional<JobRecord> parse_job_record(std::string_view message)
{
    if (message.empty() || message[0] != k_mark) {
        return std::nullopt;
    }
    const auto fields = split(message.substr(1), '\t');
    if (fields.size() != k_fields || !is_id(fields[1]) || !is_word(fields[2])) {
        return std::nullopt;
    }
    const auto event = find_in<JobEvent>(k_events, fields[0]);
    const auto started = parse_unsigned(fields[3], 0, k_max_time_ms);
    const auto duration = parse_unsigned(fields[4], 0, k_max_time_ms);
    const auto status = parse_status(fields[5], fields[6]);
    if (!event || !started || !duration || !status) {
        return std::nullopt;
    }
    JobRecord record;
    record.event = *event;
    record.id = fields[1];
    record.name = fields[2];
    record.started_ms = static_cast<std::int64_t>(*started);
    record.duration = std::chrono::milliseconds(*duration);
    record.status = *status;
    return record;
}

}  // namespace dcm::sys
