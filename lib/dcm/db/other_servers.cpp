// SPDX-License-Identifier: Apache-2.0
#include <dcm/db/other_servers.hpp>

#include <map>

namespace dcm::db {

namespace {

// Of "address:port", where the address may be one of IPv6.
std::string address_of(const std::string& client) { return client.substr(0, client.rfind(':')); }

}  // namespace

std::vector<std::string> other_servers(Session& session)
{
    const auto self = session.run("SELECT CONNECTION_ID(), SUBSTRING_INDEX(USER(), '@', 1), DATABASE()").rows;
    // Without the right PROCESS this lists the connections of the login alone, which are those that are asked for.
    const auto clients = session.run("SHOW PROCESSLIST").rows;
    std::map<std::string, int> connections;
    std::string own_address;
    for (const auto& client : clients) {
        if (self.empty() || client.size() < 4) {
            return {};
        }
        const std::string address = address_of(client[2]);
        if (client[0] == self[0][0]) {
            own_address = address;
        } else if (client[1] == self[0][1] && client[3] == self[0][2]) {
            ++connections[address];
        }
    }
    connections.erase(own_address);
    std::vector<std::string> addresses;
    for (const auto& [address, count] : connections) {
        if (count >= 2) {
            addresses.push_back(address);
        }
    }
    return addresses;
}

}  // namespace dcm::db
