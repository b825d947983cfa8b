// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/core/exit_code.hpp>

#include <stdexcept>
#include <string>

namespace dcm {

// The one exception of the toolkit: what is wrong, with what, and after "; " how to fix it, in one line; and the exit
// status a command ends with. Expected outcomes are values (std::optional, enums), never an Error.
class Error : public std::runtime_error {
public:
    // `cause`: a short name of the cause for machines, the field `cause` of the JSON log; may be empty.
    Error(ExitCode code, const std::string& message, std::string cause = {});

    ExitCode code() const noexcept { return m_code; }
    const std::string& cause() const noexcept { return m_cause; }

private:
    ExitCode m_code;
    std::string m_cause;
};

// What `errno_value` means, as it stands in our messages: the C library's text, which begins with a small letter.
std::string errno_text(int errno_value);

// Make an Error of `errno_value` as "MESSAGE: <text of errno>", plus "; REMEDY" when `remedy` is not empty.
// The code is `no_permission` for EACCES, EPERM and EROFS, else `fallback`.
Error system_error(const std::string& message, int errno_value, ExitCode fallback = ExitCode::io_error,
                   const std::string& remedy = {});

}  // namespace dcm
