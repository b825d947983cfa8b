# SPDX-License-Identifier: Apache-2.0
# What every target of the project is compiled and linked with: link `dcm_flags` PRIVATE.
add_library(dcm_flags INTERFACE)
target_compile_features(dcm_flags INTERFACE cxx_std_17)
# Programs that live for milliseconds are loaded for longer than they work: -Os (CMakePresets.json) halves the library. There
# GCC is wrong about std::optional (maybe-uninitialized); the presets clang and tidy look at the same code.
target_compile_options(
  dcm_flags
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wnon-virtual-dtor
            -Wold-style-cast
            -Wformat=2
            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
            -fno-semantic-interposition
            -fstack-protector-strong)

if(DCM_FUZZ)
  # the library, too, tells the fuzzer which branches an input has reached
  target_compile_options(dcm_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(DCM_SANITIZE)
  set(sanitize -fsanitize=${DCM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(dcm_flags INTERFACE ${sanitize})
  target_link_options(dcm_flags INTERFACE ${sanitize})
else()
  target_compile_definitions(dcm_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
  target_link_options(dcm_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
                      -Wl,-O1,--hash-style=gnu)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
include(CheckPIESupported)
check_pie_supported()

# The build tree has the shape of what is installed, so that a build can be used without installing it.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
