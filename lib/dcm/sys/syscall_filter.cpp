// SPDX-License-Identifier: Apache-2.0
#include <dcm/sys/syscall_filter.hpp>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dcm::sys {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t k_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t k_architecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t k_architecture = 0;
#endif

constexpr std::uint32_t k_x32 = 0x40000000;  // calls of that x86 variant are numbered from here

// Of <sys/syscall.h>, whose older editions know fewer; the same for every architecture.
constexpr std::uint32_t k_io_uring_setup = 425;
constexpr std::uint32_t k_fchmodat2 = 452;
constexpr std::uint32_t k_setxattrat = 463;
constexpr std::uint32_t k_removexattrat = 466;

std::vector<std::uint32_t> calls_of_owners()
{
    return {
#ifdef SYS_chmod
        SYS_chmod,     SYS_chown,       SYS_lchown,
#endif
        SYS_fchmod,    SYS_fchmodat,    SYS_fchown,       SYS_fchownat,     k_fchmodat2,  SYS_setxattr,   SYS_lsetxattr,
        SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, k_setxattrat, k_removexattrat};
}

class Program {
public:
    void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset), 0, 0); }
    void load_argument()
    {
        load(offsetof(seccomp_data, args));  // the lower half, on machines of this byte order
    }
    void allow() { add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0); }
    void refuse(int reason) { add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(reason), 0, 0); }

    // The next `count` instructions are for these alone.
    void only_if(std::uint32_t value, std::uint8_t count) { add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count); }
    void unless(std::uint32_t value, std::uint8_t count) { add(BPF_JMP | BPF_JEQ | BPF_K, value, count, 0); }
    void only_from(std::uint32_t value, std::uint8_t count) { add(BPF_JMP | BPF_JGE | BPF_K, value, 0, count); }

    bool enforce()
    {
        const sock_fprog program{static_cast<unsigned short>(m_code.size()), m_code.data()};
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
    }

private:
    void add(unsigned code, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false)
    {
        m_code.push_back({static_cast<std::uint16_t>(code), if_true, if_false, value});
    }

    std::vector<sock_filter> m_code;
};

}  // namespace

bool filter_system_calls()
{
    if constexpr (k_architecture == 0) {
        errno = ENOSYS;
        return false;
    }
    Program program;
    program.load(offsetof(seccomp_data, arch));
    program.unless(k_architecture, 1);
    program.refuse(ENOSYS);
    program.load(offsetof(seccomp_data, nr));
    program.only_from(k_x32, 1);
    program.refuse(ENOSYS);
    program.only_if(k_io_uring_setup, 1);
    program.refuse(ENOSYS);
    for (const auto call : geteuid() == 0 ? calls_of_owners() : std::vector<std::uint32_t>{}) {
        program.only_if(call, 1);
        program.refuse(EPERM);
    }
    program.only_if(SYS_socket, 6);
    program.load_argument();
    program.unless(AF_INET, 3);
    program.unless(AF_INET6, 2);
    program.unless(AF_NETLINK, 1);  // which addresses this machine has
    program.refuse(EAFNOSUPPORT);
    program.allow();
    program.only_if(SYS_prlimit64, 3);
    program.load_argument();
    program.unless(0, 1);
    program.refuse(EPERM);
    program.allow();
    return program.enforce();
}

}  // namespace dcm::sys
