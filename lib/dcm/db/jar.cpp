// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/jar.hpp>

#include <minizip/unzip.h>

#include <memory>

namespace dcm::db {

std::optional<std::string> manifest_value(const std::string& path, const std::string& key)
{
    const std::unique_ptr<void, int (*)(unzFile)> jar(unzOpen64(path.c_str()), unzClose);
    constexpr int case_sensitive = 1;
    if (!jar || unzLocateFile(jar.get(), "META-INF/MANIFEST.MF", case_sensitive) != UNZ_OK ||
        unzOpenCurrentFile(jar.get()) != UNZ_OK) {
        return std::nullopt;
    }
    std::string text(64U << 10U, '\0');
    const int length = unzReadCurrentFile(jar.get(), text.data(), static_cast<unsigned>(text.size()));
    unzCloseCurrentFile(jar.get());
    text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    for (const auto line : split(text, '\n')) {
        if (starts_with(line, key + ":")) {
            return std::string(trim(line.substr(key.size() + 1)));
        }
    }
    return std::nullopt;
}

}  // namespace dcm::db
