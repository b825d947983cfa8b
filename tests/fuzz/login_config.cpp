// SPDX-License-Identifier: Apache-2.0
// conf/login-config.xml, in which the server's user may write: any text is refused or gives a login. The input is a
// password as it stands there, too.
#include <dcm/core/error.hpp>
#include <dcm/datasource/login_config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    constexpr std::size_t block = 8;
    const auto password = dcm::datasource::decode_password(text);
    if (password && password->size() > text.size() / 2 + block) {
        std::abort();
    }
    try {
        dcm::datasource::read_login_config(text, "f", "PacsLogin");
    } catch (const dcm::Error&) {  // refused: fine
    }
    return 0;
}
