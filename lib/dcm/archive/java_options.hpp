// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::archive {

// What the JVM will be started with, as far as it can be told beforehand.
struct JavaSetup {
    std::string options;                        // JAVA_OPTS, or what run.conf makes of it when that is empty
    bool from_run_conf = false;                 // then these are the options of a genuine server
    std::optional<unsigned> version;            // 8, 17; nullopt: not known
    std::optional<std::uint64_t> memory_limit;  // of the container
};

// What will go wrong with it: one line each, with its remedy.
std::vector<std::string> check_java(const JavaSetup& setup);

// `home`/bin/run.conf, the environment and the JVM's file "release", without starting a JVM.
JavaSetup read_java_setup(const std::string& home);

// The largest heap of the last -Xmx or -XX:MaxHeapSize= in `options`, in bytes.
std::optional<std::uint64_t> max_heap(std::string_view options);

// The words that begin with a dash in the assignments to JAVA_OPTS of a run.conf, comments left out.
std::string java_options_of(std::string_view run_conf);

// 8 of a release file's JAVA_VERSION="1.8.0_504", 17 of "17.0.15".
std::optional<unsigned> java_version_of(std::string_view release);

}  // namespace dcm::archive
