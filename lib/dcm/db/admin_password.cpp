// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/db/admin_password.hpp>
#include <dcm/sys/atomic_file.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/sha256.hpp>

#include <nettle/base64.h>
#include <nettle/sha1.h>

#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace dcm::db {

namespace {

constexpr const char* k_user = "admin";
constexpr const char* k_heading = "dcm-admin-password 1 ";
constexpr std::size_t k_salt_bytes = 16;

// One round is enough: the database itself holds the same password's SHA-1 without a salt, and its own password stands
// in a file of the same volume.
std::string remembered(const std::string& salt, const std::string& password)
{
    return k_heading + salt + " " + sys::sha256(salt + password) + "\n";
}

std::string new_salt()
{
    std::array<unsigned char, k_salt_bytes> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw system_error("cannot get random bytes", errno, ExitCode::os_error);
    }
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

enum class Memory { none, same, other };

Memory recall(const std::string& path, const std::string& password)
{
    constexpr std::uint64_t max_bytes = 4096;
    const auto text = sys::read_file(path, max_bytes);
    if (!text) {
        return Memory::none;
    }
    const std::size_t salt_at = std::string_view(k_heading).size();
    const std::string salt = text->size() < salt_at ? "" : text->substr(salt_at, 2 * k_salt_bytes);
    const std::string wanted = remembered(salt, password);
    // One that is damaged tells nothing of what the last one was.
    const bool whole = starts_with(*text, k_heading) && text->size() == wanted.size();
    return *text == wanted ? Memory::same : whole ? Memory::other : Memory::none;
}

void remember(const std::string& path, const std::string& password)
{
    constexpr mode_t owner_only = 0600;
    const std::string directory = sys::parent_directory(path);
    if (mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
        throw system_error("cannot create directory " + quoted(directory), errno, ExitCode::cant_create);
    }
    sys::write_file_atomically(path, remembered(new_salt(), password), {owner_only, {}, {}});
}

// The write of one transaction: as long as the row still is what was decided on.
std::optional<Failure> replace_hash(Session& session, const std::string& before, const std::string& after)
{
    for (const auto& [statement, values] : std::initializer_list<std::pair<const char*, std::vector<std::string>>>{
             {"START TRANSACTION", {}},
             {"UPDATE users SET passwd = ? WHERE user_id = ? AND passwd = ?", {after, k_user, before}},
             {"COMMIT", {}}}) {
        const Result result = session.run(statement, values);
        if (result.failure) {
            session.run("ROLLBACK");
            return result.failure;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> admin_password_from_environment()
{
    const std::string name = "DCM_ADMIN_PASSWORD_FILE";
    const auto path = sys::env(name);
    if (!path) {
        return std::nullopt;
    }
    auto password = sys::read_secret_file(*path, name);
    if (password.empty()) {
        throw Error(ExitCode::config, name + ": " + quoted(*path) + " is empty; write the password into it");
    }
    return password;
}

std::string password_hash(const std::string& password)
{
    sha1_ctx context{};
    sha1_init(&context);
    sha1_update(&context, password.size(), reinterpret_cast<const std::uint8_t*>(password.data()));
    std::array<std::uint8_t, SHA1_DIGEST_SIZE> digest{};
    sha1_digest(&context, digest.size(), digest.data());
    std::string text(BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE), '\0');
    base64_encode_raw(text.data(), digest.size(), digest.data());
    return text;
}

bool has_shipped_admin_password(Session& session)
{
    const Result found = session.run("SELECT passwd FROM users WHERE user_id = ?", {k_user});
    return !found.failure && !found.rows.empty() && found.rows[0].at(0) == password_hash(k_user);
}

std::optional<Failure> apply_admin_password(Session& session, const std::string& password, const std::string& memory,
                                            const Notify& notify)
{
    const Result found = session.run("SELECT passwd FROM users WHERE user_id = ?", {k_user});
    if (found.failure) {
        return found.failure;
    }
    if (found.rows.empty()) {
        notify({Level::warning, "there is no web user 'admin' in the database, its password is not set", {}});
        return std::nullopt;
    }
    const std::string current = found.rows[0].at(0);
    const std::string wanted = password_hash(password);
    const Memory last = recall(memory, password);
    const bool shipped = current == password_hash(k_user);
    if (current != wanted && (shipped || last == Memory::other)) {
        if (auto failure = replace_hash(session, current, wanted)) {
            return failure;
        }
        notify({Level::info,
                shipped ? "the web user 'admin' had the shipped password, now it has the one of DCM_ADMIN_PASSWORD_FILE"
                        : "the web user 'admin' has the new password of DCM_ADMIN_PASSWORD_FILE",
                {}});
    } else if (current != wanted && last == Memory::none) {
        notify({Level::info,
                "the web user 'admin' has a password of its own already, which stays; change it in the web page, or "
                "change the content of DCM_ADMIN_PASSWORD_FILE",
                {}});
    }
    if (last != Memory::same) {
        remember(memory, password);
    }
    return std::nullopt;
}

}  // namespace dcm::db
