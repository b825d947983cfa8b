// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/datasource/server_file.hpp>
#include <dcm/db/driver.hpp>
#include <dcm/sys/file.hpp>

#include <minizip/unzip.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace dcm::db {

namespace {

using Version = std::array<int, 3>;

std::string str(const Version& version)
{
    return std::to_string(version[0]) + "." + std::to_string(version[1]) + "." + std::to_string(version[2]);
}

// The first version of Connector/J that logs in by a plugin; nullopt: no version does.
std::optional<Version> first_with(const std::string& plugin)
{
    if (plugin == "mysql_native_password" || plugin == "mysql_old_password") {
        return Version{0, 0, 0};
    }
    if (plugin == "sha256_password") {
        return Version{5, 1, 31};
    }
    if (plugin == "caching_sha2_password") {
        return Version{5, 1, 46};
    }
    return std::nullopt;
}

std::string remedy(const std::string& server_version)
{
    if (server_version.find("MariaDB") != std::string::npos) {
        return "run ALTER USER ... IDENTIFIED VIA mysql_native_password USING PASSWORD('...') at the server";
    }
    const auto version = version_in(server_version);
    const std::string newer = "put mysql-connector-java-5.1.49 in its place (docs/dcm-wait-db.md)";
    return version && (*version)[0] >= 9
               ? newer + ", this server knows nothing older"
               : newer + ", or run ALTER USER ... IDENTIFIED WITH mysql_native_password BY '...' at the server";
}

// Whether an element of that name has the class that needs the driver's old habit of returning keys unasked.
bool has_old_command(const std::string& text)
{
    const std::string_view wanted = "\"mysql-get-generated-keys\"";
    for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
        const auto begin = text.rfind('<', at);
        const auto element = text.substr(begin == std::string::npos ? 0 : begin, text.find('>', at) - begin);
        if (element.find("JDBCMySQLCreateCommand") != std::string::npos) {
            return true;
        }
    }
    return false;
}

// Three numbers with dots between at the begin of `text`.
std::optional<Version> version_at(std::string_view text)
{
    Version version{};
    for (int& number : version) {
        const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
        constexpr int most = 99'999;
        const auto value = parse_unsigned(text.substr(0, end), 0, most);
        const bool is_last = &number == &version.back();
        if (!value || (!is_last && (end == text.size() || text[end] != '.'))) {
            return std::nullopt;
        }
        number = static_cast<int>(*value);
        text.remove_prefix(is_last ? end : end + 1);
    }
    return version;
}

}  // namespace

std::optional<Version> version_in(std::string_view text)
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_digit(text[at]) && (at == 0 || !is_digit(text[at - 1]))) {
            if (const auto version = version_at(text.substr(at))) {
                return version;
            }
        }
    }
    return std::nullopt;
}

std::optional<Driver> find_driver(const std::string& directory)
{
    std::string found;
    for (const auto& name : sys::read_directory(directory).value_or(std::vector<std::string>{})) {
        if (starts_with(name, "mysql-connector") && ends_with(name, ".jar") && (found.empty() || name < found)) {
            found = name;
        }
    }
    if (found.empty()) {
        return std::nullopt;
    }
    Driver driver{directory + "/" + found, version_in(found)};
    const sys::Fd jar = datasource::ServerFile(driver.path).open();
    struct stat status {};
    if (!jar || fstat(jar.get(), &status) != 0) {
        throw system_error("cannot read " + quoted(driver.path), errno, ExitCode::no_input);
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ExitCode::no_input,
                    "cannot read " + quoted(driver.path) + ": not a regular file; put the JDBC driver there again");
    }
    if (!driver.version) {
        driver.version = version_in(manifest_value(jar.get(), "Implementation-Version").value_or(""));
    }
    return driver;
}

std::optional<std::string> manifest_value(int fd, const std::string& key)
{
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
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

std::string auth_plugin_in(std::string_view create_user)
{
    // CREATE USER `pacs`@`%` IDENTIFIED VIA ed25519 USING '…'; … IDENTIFIED WITH 'caching_sha2_password' AS '…'
    for (const std::string_view word : {" IDENTIFIED VIA ", " IDENTIFIED WITH "}) {
        const auto at = create_user.find(word);
        if (at == std::string_view::npos) {
            continue;
        }
        auto plugin = create_user.substr(at + word.size());
        if (starts_with(plugin, "'") || starts_with(plugin, "`")) {
            plugin.remove_prefix(1);
        }
        return std::string(plugin.substr(0, plugin.find_first_of(" '`")));
    }
    return "mysql_native_password";
}

std::optional<Failure> driver_verdict(const Driver& driver, const std::string& plugin,
                                      const std::string& server_version)
{
    const auto needed = first_with(plugin);
    if (needed && (!driver.version || *driver.version >= *needed)) {
        return std::nullopt;
    }
    const std::string which = driver.version ? " " + str(*driver.version) : std::string();
    return Failure{Cause::driver, 0,
                   "the JDBC driver " + quoted(sys::file_name(driver.path)) + which +
                       " cannot log in by this user's plugin " + quoted(plugin) +
                       (needed ? ", from " + str(*needed) + " on it could" : "") + "; " + remedy(server_version)};
}

std::optional<Failure> check_driver(Session& session, const Driver& driver)
{
    // Every account may see its own, without a right to mysql.user. The answer holds the password's hash.
    const Result account = session.run("SHOW CREATE USER CURRENT_USER()");
    if (account.failure) {
        return is_lost_connection(account.failure->cause) ? account.failure : std::nullopt;
    }
    const std::string plugin = auth_plugin_in(account.rows.at(0).at(0));
    if (!driver_verdict(driver, plugin, "")) {
        return std::nullopt;
    }
    const Result version = session.run("SELECT VERSION()");
    return version.failure ? version.failure : driver_verdict(driver, plugin, version.rows.at(0).at(0));
}

std::optional<Failure> check_generated_keys(const Driver& driver, const std::string& conf_directory)
{
    if (!driver.version || *driver.version < Version{5, 1, 0}) {
        return std::nullopt;
    }
    const std::string path = conf_directory + "/standardjbosscmp-jdbc.xml";
    constexpr std::uint64_t max_bytes = 4U << 20U;
    if (!has_old_command(datasource::ServerFile(path).read(max_bytes).value_or(""))) {
        return std::nullopt;
    }
    return Failure{Cause::driver, 0,
                   "with the JDBC driver " + quoted(sys::file_name(driver.path)) +
                       " nothing can be stored: the entity command mysql-get-generated-keys in " + quoted(path) +
                       " is JDBCMySQLCreateCommand; replace that word by JDBC30GeneratedKeysCreateCommand there"};
}

std::optional<Failure> check_tls(const Driver& driver, datasource::Encryption wanted)
{
    if (wanted == datasource::Encryption::off || !driver.version || *driver.version >= Version{5, 1, 0}) {
        return std::nullopt;
    }
    return Failure{Cause::driver, 0,
                   "the JDBC driver " + quoted(sys::file_name(driver.path)) + " " + str(*driver.version) +
                       " speaks TLS 1.0 only, which today's servers refuse; take useSSL out of the URL, or put "
                       "mysql-connector-java-5.1.49 in its place (docs/dcm-wait-db.md)"};
}

}  // namespace dcm::db
