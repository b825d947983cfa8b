// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>

#include <cctype>
#include <cerrno>
#include <system_error>
#include <utility>

namespace dcm {

Error::Error(ExitCode code, const std::string& message, std::string cause)
    : std::runtime_error(message), m_code(code), m_cause(std::move(cause))
{
}

std::string errno_text(int errno_value)
{
    std::string text = std::generic_category().message(errno_value);
    if (!text.empty()) {
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    }
    return text;
}

Error system_error(const std::string& message, int errno_value, ExitCode fallback, const std::string& remedy)
{
    const bool denied = errno_value == EACCES || errno_value == EPERM || errno_value == EROFS;
    return Error(denied ? ExitCode::no_permission : fallback,
                 message + ": " + errno_text(errno_value) + (remedy.empty() ? "" : "; " + remedy));
}

}  // namespace dcm
