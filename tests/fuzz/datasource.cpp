// SPDX-License-Identifier: Apache-2.0
// A datasource file and what is to be written into it: whatever is accepted says afterwards what it should, changes no
// more the second time, and shows no password.
#include <dcm/core/error.hpp>
#include <dcm/datasource/configure.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace dcm::datasource;

Edit edited(const std::string& text, const Settings& settings)
{
    return apply(text, "f", "pacsDS", settings, [](const dcm::Notice&) {});
}

void check(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

void try_out(const std::string& text, const Settings& settings)
{
    const Edit edit = edited(text, settings);
    const std::string& once = edit.text;
    check(edited(once, settings).text == once && edited(once, settings).changes.empty());
    check(edit.changes.empty() == (once == text));
    const Login login = read_login(once, "f", "pacsDS");
    check(login.host == *settings.host && login.database == "archive");
    const bool by_domain = once.find("security-domain") != std::string::npos;
    check(by_domain || (login.user == *settings.user && login.password == *settings.password));
    const std::string shown = show(edit.changes);
    const bool telling = settings.password->find("s3cret") != std::string::npos;  // in no name and no heading
    check(by_domain || !telling || shown.find(*settings.password) == std::string::npos);
}

}  // namespace

// The input: password, line end, document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string input(reinterpret_cast<const char*>(data), size);
    const auto line_end = input.find('\n');
    Settings settings;
    settings.host = "db";
    settings.database = "archive";
    settings.user = "u&v";
    settings.password = input.substr(0, line_end);
    settings.parameters = {{"connectTimeout", "5000"}};
    settings.checker = Checker::enabled;
    try {
        try_out(line_end == std::string::npos ? input : input.substr(line_end + 1), settings);
    } catch (const dcm::Error&) {  // refused: fine
    }
    return 0;
}
