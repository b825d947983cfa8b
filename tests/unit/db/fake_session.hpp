// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dcm/db/session.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

// A session that answers statements by what they begin with, and remembers what it was asked.
class FakeSession : public dcm::db::Session {
public:
    using Session::run;

    dcm::db::Result run(const std::string& statement, const std::vector<std::string>& bound) override
    {
        asked.emplace_back(statement, bound);
        for (const auto& [beginning, result] : answers) {
            if (statement.rfind(beginning, 0) == 0) {
                return result;
            }
        }
        return {};
    }

    std::map<std::string, dcm::db::Result> answers;
    std::vector<std::pair<std::string, std::vector<std::string>>> asked;
};
