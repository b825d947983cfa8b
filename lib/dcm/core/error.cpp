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

Error system_error(const std::string& message, int errno_value, ExitCode fallback, const std::string& remedy)
{
    const bool denied = errno_value == EACCES || errno_value == EPERM || errno_value == EROFS;
    std::string reason = std::generic_category().message(errno_value);
    if (!reason.empty()) {
        reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
    }
    return Error(denied ? ExitCode::no_permission : fallback,
                 message + ": " + reason + (remedy.empty() ? "" : "; " + remedy));
}

}  // namespace dcm
