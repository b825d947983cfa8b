// SPDX-License-Identifier: Apache-2.0
// What is read of a jar's name and manifest, and of a server's SHOW CREATE USER: any text gives an answer. The input is
// the jar too.
#include <dcm/db/driver.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto version = dcm::db::version_in(text);
    if (version && ((*version)[0] < 0 || (*version)[1] < 0 || (*version)[2] < 0)) {
        std::abort();
    }
    if (dcm::db::auth_plugin_in(text).find('\'') != std::string::npos) {
        std::abort();
    }
    const int fd = memfd_create("jar", MFD_CLOEXEC);
    if (write(fd, data, size) == static_cast<ssize_t>(size)) {
        dcm::db::manifest_value(fd, "Implementation-Version");
    }
    close(fd);
    return 0;
}
