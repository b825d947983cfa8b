// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/java_options.hpp>
#include <dcm/archive/memory.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/process.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace dcm::archive {

namespace {

std::vector<std::string_view> words_of(std::string_view text)
{
    std::vector<std::string_view> words;
    for (const auto line : split(text, '\n')) {
        for (const auto word : split(line, ' ')) {
            if (const auto trimmed = trim(word); !trimmed.empty()) {
                words.push_back(trimmed);
            }
        }
    }
    return words;
}

bool has_option(std::string_view options, std::string_view prefix)
{
    for (const auto word : words_of(options)) {
        if (starts_with(word, prefix)) {
            return true;
        }
    }
    return false;
}

// As run.sh chooses it: $JAVA, $JAVA_HOME/bin/java, java in PATH; links followed.
std::string java_program()
{
    auto path = sys::env("JAVA");
    if (!path && sys::env("JAVA_HOME")) {
        path = *sys::env("JAVA_HOME") + "/bin/java";
    }
    const auto found = path ? path : sys::find_in_path("java");
    const std::unique_ptr<char, void (*)(void*)> real(found ? ::realpath(found->c_str(), nullptr) : nullptr, std::free);
    return real ? std::string(real.get()) : std::string();
}

// JAVA_HOME of a JRE 8 may be the directory jre below the one that has the file.
std::optional<unsigned> installed_version()
{
    std::string directory = java_program();
    for (int up = 0; up < 3 && directory.size() > 1; ++up) {
        directory = sys::parent_directory(directory);
        if (const auto version = java_version_of(sys::read_or_empty(directory + "/release"))) {
            return version;
        }
    }
    return std::nullopt;
}

void check_heap(const JavaSetup& setup, std::vector<std::string>& found)
{
    const std::string origin = setup.from_run_conf ? "run.conf" : "JAVA_OPTS";
    const auto heap = max_heap(setup.options);
    if (heap && setup.memory_limit && *heap >= *setup.memory_limit) {
        found.push_back(origin + ": -Xmx allows a heap of " + human_size(*heap) + ", but the container may use only " +
                        human_size(*setup.memory_limit) +
                        ": the kernel will kill the JVM; lower -Xmx or raise the container's memory limit");
    }
    const bool known = !setup.from_run_conf || !setup.options.empty();
    if (known && !heap && !has_option(setup.options, "-XX:MaxRAM")) {
        found.push_back(origin + " sets no -Xmx: the heap may grow to a quarter of the memory" +
                        (setup.from_run_conf ? "" : " (run.conf's own -Xmx counts only while JAVA_OPTS is empty)") +
                        "; add -Xmx512m or what the archive needs");
    }
}

void check_perm_size(const JavaSetup& setup, std::vector<std::string>& found)
{
    const std::string origin = setup.from_run_conf ? "run.conf" : "JAVA_OPTS";
    if (!setup.version || !has_option(setup.options, "-XX:MaxPermSize")) {
        return;
    }
    if (*setup.version >= 17) {
        found.push_back(origin + ": Java " + std::to_string(*setup.version) +
                        " does not start with -XX:MaxPermSize; remove it, or use Java 8");
    } else if (*setup.version >= 8 && !setup.from_run_conf) {
        found.push_back(origin + ": Java " + std::to_string(*setup.version) +
                        " ignores -XX:MaxPermSize; remove it, or write -XX:MaxMetaspaceSize");
    }
}

}  // namespace

std::optional<std::uint64_t> max_heap(std::string_view options)
{
    std::optional<std::uint64_t> heap;
    for (const auto word : words_of(options)) {
        for (const std::string_view prefix : {"-Xmx", "-XX:MaxHeapSize="}) {
            if (starts_with(word, prefix)) {
                heap = parse_size(word.substr(prefix.size()));
            }
        }
    }
    return heap;
}

std::string java_options_of(std::string_view run_conf)
{
    std::string options;
    for (const auto line : split(run_conf, '\n')) {
        auto text = trim(line);
        const auto equals = text.find("JAVA_OPTS=");
        if (equals == std::string_view::npos || starts_with(text, "#")) {
            continue;
        }
        for (auto word : words_of(text.substr(equals + 10))) {
            word.remove_prefix(std::min(word.find_first_not_of("\"'"), word.size()));
            word = word.substr(0, word.find_last_not_of("\"'") + 1);
            if (starts_with(word, "-")) {
                options.append(options.empty() ? "" : " ").append(word);
            }
        }
    }
    return options;
}

std::optional<unsigned> java_version_of(std::string_view release)
{
    constexpr std::string_view key = "JAVA_VERSION=\"";
    for (const auto line : split(release, '\n')) {
        if (starts_with(line, key)) {
            auto version = line.substr(key.size());
            if (starts_with(version, "1.")) {
                version.remove_prefix(2);
            }
            const auto number = parse_unsigned(version.substr(0, version.find_first_not_of("0123456789")), 1, 999);
            return number ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::vector<std::string> check_java(const JavaSetup& setup)
{
    std::vector<std::string> found;
    check_heap(setup, found);
    check_perm_size(setup, found);
    return found;
}

JavaSetup read_java_setup(const std::string& home)
{
    JavaSetup setup;
    setup.options = sys::env("JAVA_OPTS").value_or("");
    if (trim(setup.options).empty()) {
        setup.from_run_conf = true;
        const auto path = sys::env("RUN_CONF").value_or(home + "/bin/run.conf");
        setup.options = java_options_of(sys::read_or_empty(path));
    }
    setup.version = installed_version();
    setup.memory_limit = read_container_memory().limit;
    return setup;
}

}  // namespace dcm::archive
