// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

// An empty directory for one test; kept, and named, when the test fails.
class TempDir {
public:
    TempDir()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "dcm-unit.XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        m_path = pattern;
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir()
    {
        if (::testing::Test::HasFailure()) {
            std::cerr << "kept: " << m_path << '\n';
        } else {
            std::error_code ignored;
            std::filesystem::remove_all(m_path, ignored);
        }
    }

    std::string path(const std::string& name = {}) const { return name.empty() ? m_path : m_path + "/" + name; }

    // Write a file, directories included.
    std::string write(const std::string& name, const std::string& content) const
    {
        const auto full = std::filesystem::path(path(name));
        std::filesystem::create_directories(full.parent_path());
        std::ofstream(full, std::ios::binary) << content;
        return full.string();
    }

    std::string read(const std::string& name) const
    {
        std::ifstream in(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    std::string m_path;
};
