// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/log_queue.hpp>
#include <dcm/core/log.hpp>
#include <dcm/sys/file.hpp>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

using dcm::archive::LogQueue;
using dcm::sys::Fd;
using dcm::sys::NonblockingWriter;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

// A pipe of one page, that blocks for everybody else, with standard error on it.
class Pipe {
public:
    Pipe()
    {
        std::array<int, 2> ends{};
        EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
        m_read.reset(ends[0]);
        m_write.reset(ends[1]);
        fcntl(m_read.get(), F_SETPIPE_SZ, 4096);
        fcntl(m_read.get(), F_SETFL, O_NONBLOCK);
        m_before.reset(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
        dup2(m_write.get(), STDERR_FILENO);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() { dup2(m_before.get(), STDERR_FILENO); }

    int write_end() const { return m_write.get(); }
    std::string take() const
    {
        std::string text(1U << 20U, '\0');
        const auto got = ::read(m_read.get(), text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
    std::string take_all(LogQueue& queue) const
    {
        std::string all;
        for (std::string more = take(); !more.empty(); more = take()) {
            all += more;
            queue.work();
        }
        return all;
    }

private:
    Fd m_read;
    Fd m_write;
    Fd m_before;
};

}  // namespace

TEST(NonblockingWriter, NeverWaitsAndLeavesTheDescriptorOfOthersAsItIs)
{
    const Pipe pipe;
    const NonblockingWriter writer(pipe.write_end());
    EXPECT_EQ(writer.write("a line\nanother\n"), 15U);
    EXPECT_EQ(writer.write(std::string(5000, 'x')), 0U);
    EXPECT_EQ(fcntl(pipe.write_end(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(pipe.take(), "a line\nanother\n");
}

TEST(NonblockingWriter, WhatNobodyCanReadAnyMoreIsDoneWith)
{
    std::signal(SIGPIPE, SIG_IGN);
    dcm::sys::Pipe pipe = dcm::sys::make_pipe(dcm::sys::Reading::waits);
    const NonblockingWriter writer(pipe.write_end.get());
    pipe.read_end.reset();
    EXPECT_EQ(writer.write("a line\n"), 7U);
}

TEST(LogQueue, KeepsWhatIsNotReadAndSaysWhatItCouldNotKeep)
{
    dcm::log::configure({"dcm-test", dcm::Level::info, dcm::log::Format::text});
    const Pipe pipe;
    LogQueue queue;
    EXPECT_EQ(queue.waits_for().fd, -1);
    dcm::log::info("first");
    EXPECT_EQ(pipe.take(), "dcm-test: first\n");
    for (int i = 0; i < 5; ++i) {
        dcm::log::info(std::string(3000, 'a') + std::to_string(i));
    }
    EXPECT_GE(queue.waits_for().fd, 0);
    std::string all = pipe.take_all(queue);
    EXPECT_THAT(all, EndsWith("a4\n"));
    EXPECT_THAT(all, Not(HasSubstr("missing")));
    for (int i = 0; i < 40; ++i) {
        dcm::log::info(std::string(3000, 'a') + std::to_string(i));
    }
    all = pipe.take_all(queue);
    EXPECT_THAT(all, HasSubstr("a20\n"));
    EXPECT_THAT(all, HasSubstr("warning: 18 lines of this log are missing here"));
    EXPECT_EQ(queue.waits_for().fd, -1);
}
