// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace dcm::log {

std::string utc_now()
{
    using namespace std::chrono;
    const auto now = system_clock::now().time_since_epoch();
    const std::time_t seconds = duration_cast<std::chrono::seconds>(now).count();
    const long micros = static_cast<long>(duration_cast<microseconds>(now).count() % 1'000'000);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%06ldZ", micros);
    return format_time(seconds, "%Y-%m-%dT%H:%M:%S", ClockOf::utc) + fraction.data();
}

std::string format_json(const Settings& settings, const Notice& notice)
{
    nlohmann::ordered_json line;
    line["time"] = utc_now();
    line["level"] = name(notice.level);
    line["tool"] = settings.tool;
    line["pid"] = getpid();
    line["msg"] = notice.message;
    for (const auto& [key, value] : notice.fields) {
        std::visit([&line, &field = key](const auto& v) { line[field] = v; }, value);
    }
    // `replace`: a value that is not UTF-8 must not end the program that wanted to report it.
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace dcm::log
