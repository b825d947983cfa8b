// SPDX-License-Identifier: Apache-2.0
#include <dcm/core/error.hpp>
#include <dcm/sys/answer.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace {

using namespace std::chrono_literals;
using dcm::sys::answer_within;

TEST(Answer, IsWhatTheChildReturns)
{
    int here = 1;
    EXPECT_EQ(answer_within(20s,
                            [&] {
                                here = 2;
                                return std::string("a\0b", 3);
                            }),
              std::string("a\0b", 3));
    EXPECT_EQ(here, 1) << "it is another process";
    EXPECT_EQ(answer_within(20s, [] { return std::string(1'000'000, 'x'); })->size(), 1'000'000U);
    EXPECT_EQ(answer_within(20s, [] { return std::string(); }), "");
}

std::string failure_of(const std::function<std::string()>& action)
{
    try {
        answer_within(20s, action);
        return {};
    } catch (const dcm::Error& failure) {
        return failure.what();
    }
}

TEST(Answer, OfOneThatFailsIsItsFailure)
{
    EXPECT_EQ(failure_of([]() -> std::string { throw std::runtime_error("x"); }), "x");
    EXPECT_EQ(failure_of([]() -> std::string { throw 1; }), "it threw something unknown");
    EXPECT_EQ(failure_of([]() -> std::string { _exit(3); }), "the child that asked has died");
    EXPECT_EQ(failure_of([]() -> std::string { abort(); }), "the child that asked has died");
}

TEST(Answer, IsNoneOfOneThatIsLate)
{
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(answer_within(50ms,
                            []() -> std::string {
                                pause();
                                return "late";
                            }),
              std::nullopt);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

}  // namespace
