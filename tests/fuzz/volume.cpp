// SPDX-License-Identifier: Apache-2.0
// Manifest, marker and journal: what is accepted must come out again as it went in.
#include <dcm/core/error.hpp>
#include <dcm/volume/journal.hpp>
#include <dcm/volume/manifest.hpp>
#include <dcm/volume/marker.hpp>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace volume = dcm::volume;
    const std::string text(reinterpret_cast<const char*>(data), size);
    check(text, [](const std::string& t) { return volume::format_manifest(volume::parse_manifest(t, "m")); });
    check(text, [](const std::string& t) { return volume::format_marker(volume::parse_marker(t, "m")); });
    check(text, [](const std::string& t) { return volume::format_journal(volume::parse_journal(t, "m")); });
    return 0;
}
