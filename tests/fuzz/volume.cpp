// SPDX-License-Identifier: Apache-2.0
// Manifest, marker, journal, record of who runs the server: what is accepted must come out again as it went in, and
// no journal may name a path that leaves the volume.
#include <dcm/core/error.hpp>
#include <dcm/volume/journal.hpp>
#include <dcm/volume/manifest.hpp>
#include <dcm/volume/marker.hpp>
#include <dcm/volume/own.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

template <typename Parse>
void check(const std::string& text, Parse parse_and_format)
{
    try {
        const std::string once = parse_and_format(text);
        if (parse_and_format(once) != once) {
            std::abort();
        }
    } catch (const dcm::Error&) {  // refused: fine
    }
}

bool is_on_the_volume(std::string path)
{
    if (path.compare(0, 9, ".dcm/new/") == 0) {
        path.erase(0, 9);
    }
    return !path.empty() && path.front() != '/' && path.compare(0, 5, ".dcm/") != 0 && path != ".dcm" &&
           ("/" + path + "/").find("/../") == std::string::npos;
}

std::string journal_again(const std::string& text)
{
    const auto journal = dcm::volume::parse_journal(text, "m");
    for (const auto& move : journal.moves) {
        if (!is_on_the_volume(move.path)) {
            std::abort();
        }
    }
    return dcm::volume::format_journal(journal);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace volume = dcm::volume;
    const std::string text(reinterpret_cast<const char*>(data), size);
    check(text, [](const std::string& t) { return volume::format_manifest(volume::parse_manifest(t, "m")); });
    check(text, [](const std::string& t) { return volume::format_marker(volume::parse_marker(t, "m")); });
    check(text, journal_again);
    if (const auto record = volume::parse_run_as(text)) {
        if (volume::format_run_as(*record) != text) {
            std::abort();
        }
    }
    return 0;
}
