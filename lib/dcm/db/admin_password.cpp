// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/admin_password.hpp>

#include <nettle/base64.h>
#include <nettle/sha1.h>

#include <array>
#include <cstdint>

namespace dcm::db {

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

std::vector<std::string> users_with_shipped_password(Session& session)
{
    std::vector<std::string> users;
    for (const auto& row : session.run("SELECT user_id, passwd FROM users WHERE user_id IN ('admin', 'user')").rows) {
        if (row.at(1) == password_hash(row.at(0))) {
            users.push_back(row.at(0));
        }
    }
    return users;
}

std::optional<Failure> replace_shipped_password(Session& session, const std::string& user, const std::string& password)
{
    return session
        .run("UPDATE users SET passwd = ? WHERE user_id = ? AND passwd = ?",
             {password_hash(password), user, password_hash(user)})
        .failure;
}

}  // namespace dcm::db
