// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/text.hpp>
#include <dcm/cron/job_name.hpp>
#include <dcm/sys/sha256.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace dcm::cron {

namespace {

constexpr std::size_t k_max_name = 24;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Programs that run the one a job is about.
bool is_wrapper(std::string_view word)
{
    constexpr std::array<std::string_view, 22> k_wrappers{
        "sh",   "bash", "dash",    "nice", "ionice", "nohup", "env",  "exec",    "time",    "timeout", "setsid",
        "sudo", "eval", "command", "perl", "python", "php",   "java", "python3", "chronic", "flock",   "."};
    return is_one_of(word, k_wrappers);
}

// What a job prepares itself with, up to && or ; or ||.
bool is_preparation(std::string_view word)
{
    constexpr std::array<std::string_view, 7> k_preparations{"cd", "test", "[", "[[", "export", "umask", "sleep"};
    return is_one_of(word, k_preparations);
}

bool is_assignment(std::string_view word)
{
    const auto equals = word.find('=');
    return equals != std::string_view::npos && equals > 0 &&
           std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// Options and numbers of a wrapper.
bool is_argument(std::string_view word) { return word[0] == '-' || std::isdigit(static_cast<unsigned char>(word[0])); }

bool ends_command(std::string_view word) { return word == "&&" || word == "||" || word == ";"; }

// What ends a command as a word of its own, wherever it stands.
std::string spaced(std::string_view command)
{
    std::string text;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const auto pair = command.substr(i, 2);
        if (command[i] == ';') {
            text += " ; ";
        } else if (pair == "&&" || pair == "||") {
            text.append(" ").append(pair).append(" ");
            ++i;
        } else {
            text += command[i];
        }
    }
    return text;
}

std::string_view base_name(std::string_view word)
{
    word = word.substr(0, word.find_first_of(";|&<>)`\"'", 0));
    return word.substr(word.find_last_of('/') + 1);
}

}  // namespace

std::string as_job_name(std::string_view text)
{
    std::string name;
    for (const char c : text.substr(0, k_max_name)) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                           std::string_view("._+@-").find(c) != std::string_view::npos;
        name.push_back(plain && static_cast<unsigned char>(c) < 0x80 ? c : '_');
    }
    return name;
}

std::string job_name(std::string_view command)
{
    bool preparing = false;
    bool wrapped = false;
    std::string_view last;  // for a job that is about nothing else
    const std::string text = spaced(command);
    for (auto word : split(text, ' ')) {
        word = trim(word);
        word.remove_prefix(std::min(word.find_first_not_of("({\"'`!"), word.size()));
        if (word.empty()) {
            continue;
        }
        const auto base = base_name(word);
        if (preparing) {
            preparing = !ends_command(word);
            continue;
        }
        last = base.empty() ? last : base[0] == '[' ? "test" : base;
        if (is_preparation(base)) {
            preparing = true;
        } else if (is_wrapper(base)) {
            wrapped = true;
        } else if (!is_assignment(word) && !(wrapped && is_argument(word)) && !base.empty()) {
            return as_job_name(base);
        }
    }
    return last.empty() ? "job" : as_job_name(last);
}

std::string job_id(const std::string& command) { return sys::sha256(command).substr(0, 12); }

}  // namespace dcm::cron
