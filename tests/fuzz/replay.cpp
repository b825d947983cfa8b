// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over the files of a corpus directory, and over every beginning of each.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv)
{
    int files = 0;
    for (const auto& item : std::filesystem::directory_iterator(argc > 1 ? argv[1] : ".")) {
        std::ifstream in(item.path(), std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(in), {});
        for (std::size_t size = 0; size <= text.size(); ++size) {
            LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), size);
        }
        ++files;
    }
    std::cout << files << " inputs\n";
    return files > 0 ? 0 : 1;
}
