// SPDX-License-Identifier: Apache-2.0
// The only place that includes Boost.Process: it is slow to compile, and its traps are dealt with here once (its timed
// wait always waits its time out, its exit_code() takes signal 15 for exit 15, descriptors without O_CLOEXEC leak).
#include <dcm/core/clock.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>
#include <dcm/sys/fd.hpp>
#include <dcm/sys/file.hpp>
#include <dcm/sys/process.hpp>

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/env.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <exception>

namespace dcm::sys {

namespace bp = boost::process;

namespace {

Fd memory_file(const std::string& content)
{
    Fd fd(memfd_create("stdin", MFD_CLOEXEC));
    if (!fd || !write_all(fd.get(), content) || lseek(fd.get(), 0, SEEK_SET) != 0) {
        throw system_error("cannot prepare the input of a command", errno, ExitCode::os_error);
    }
    return fd;
}

std::string find_program(const std::string& name)
{
    if (auto found = find_in_path(name)) {
        return *found;
    }
    throw Error(ExitCode::not_found, "cannot run " + quoted(name) + ": not in PATH; install it");
}

bp::environment to_environment(const std::optional<std::vector<std::string>>& wanted)
{
    if (!wanted) {
        return boost::this_process::environment();
    }
    bp::environment environment;
    for (const auto& entry : *wanted) {
        const auto equals = entry.find('=');
        environment[entry.substr(0, equals)] = equals == std::string::npos ? "" : entry.substr(equals + 1);
    }
    return environment;
}

// In the child: signals as a new program expects them.
void restore_signals()
{
    for (int signal = 1; signal < NSIG; ++signal) {
        std::signal(signal, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

// In the child. Clearing the bounding set needs CAP_SETPCAP, so it comes before the user changes; without it there is
// nothing worth dropping.
bool limit_capabilities(Privileges privileges)
{
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
        const bool stays = privileges == Privileges::file_access && capability == CAP_DAC_OVERRIDE;
        if (!stays && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) {
            return false;
        }
    }
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool become(const Credentials& wanted)
{
    return setgroups(0, nullptr) == 0 && setgid(wanted.gid) == 0 && setuid(wanted.uid) == 0;
}

// In the child. Root would keep its own, and by exec those that container engines leave inheritable.
bool set_capabilities(Privileges privileges)
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (privileges == Privileges::file_access) {
        sets[0].effective = sets[0].permitted = 1U << static_cast<unsigned>(CAP_DAC_OVERRIDE);
    }
    return syscall(SYS_capset, &header, sets.data()) == 0;
}

// In the child.
bool reduce(Privileges privileges, const std::optional<Credentials>& credentials)
{
    const bool drops = privileges != Privileges::kept;
    return (!drops || limit_capabilities(privileges)) && (!credentials || become(*credentials)) &&
           (!drops || set_capabilities(privileges));
}

// In the child: everything that `wanted` asks for beside streams. False, with errno, when the system refuses.
bool prepare(const LongLived& wanted)
{
    restore_signals();
    if (wanted.session == Session::own && setsid() < 0) {
        return false;
    }
    if (!wanted.directory.empty() && chdir(wanted.directory.c_str()) != 0) {
        return false;
    }
    if (!reduce(wanted.privileges, wanted.credentials)) {
        return false;
    }
    for (const auto& [number, ours] : wanted.descriptors) {
        if (number == ours ? fcntl(ours, F_SETFD, 0) != 0 : dup2(ours, number) < 0) {
            return false;
        }
    }
    return true;
}

Error start_error(const std::string& program, const std::error_code& failure)
{
    const bool missing = failure.value() == ENOENT || failure.value() == ENOTDIR;
    return Error(missing ? ExitCode::not_found : ExitCode::not_executable,
                 "cannot run " + quoted(program) + ": " + errno_text(failure.value()));
}

bp::child start(const Command& command, int input, int output)
{
    const std::string program = find_program(command.argv.at(0));
    const std::vector<std::string> arguments(command.argv.begin() + 1, command.argv.end());
    std::error_code failure;
    bp::child child(bp::exe = program, bp::args = arguments, to_environment(command.environment),
                    bp::posix::fd.bind(STDIN_FILENO, input), bp::posix::fd.bind(STDOUT_FILENO, output),
                    bp::posix::fd.bind(STDERR_FILENO, output),
                    bp::extend::on_exec_setup([](auto&) { restore_signals(); }), failure);
    if (failure) {
        throw start_error(program, failure);
    }
    return child;
}

}  // namespace

ExitStatus ExitStatus::decode(int wait_status)
{
    return WIFSIGNALED(wait_status) ? killed(WTERMSIG(wait_status)) : exited(WEXITSTATUS(wait_status));
}

std::string ExitStatus::str() const
{
    if (!m_killed) {
        return "exit status " + std::to_string(m_value);
    }
    return "killed by signal " + std::to_string(m_value) + " (" + strsignal(m_value) + ")";
}

std::optional<Credentials> parse_credentials(std::string_view text)
{
    constexpr std::uint64_t most = 0xfffffffe;  // the number after it stands for nobody
    const auto colon = text.find(':');
    const auto uid = parse_unsigned(text.substr(0, colon), 0, most);
    const auto gid = colon == std::string_view::npos ? uid : parse_unsigned(text.substr(colon + 1), 0, most);
    if (!uid || !gid) {
        return std::nullopt;
    }
    return Credentials{static_cast<uid_t>(*uid), static_cast<gid_t>(*gid)};
}

std::string user_name(uid_t uid)
{
    const std::string number = std::to_string(uid);
    const std::string users = read_or_empty("/etc/passwd");
    for (const auto line : split(users, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() > 2 && fields[2] == number && !fields[0].empty()) {
            return std::string(fields[0]);
        }
    }
    return "uid-" + number;
}

Output run(const Command& command)
{
    const Fd input = memory_file(command.standard_input);
    Pipe pipe = make_pipe(Reading::waits);
    bp::child child = start(command, input.get(), pipe.write_end.get());
    pipe.write_end.reset();

    const SystemClock clock;
    const auto deadline = command.timeout ? std::optional(clock.now() + *command.timeout) : std::nullopt;
    Output output{ExitStatus::exited(0), {}, false};
    if (!read_to_end(pipe.read_end.get(), output.text, deadline)) {
        output.timed_out = true;
        ::kill(child.id(), SIGTERM);
        if (!read_to_end(pipe.read_end.get(), output.text, clock.now() + std::chrono::seconds(2))) {
            ::kill(child.id(), SIGKILL);
        }
    }
    std::error_code ignored;
    child.wait(ignored);
    output.status = ExitStatus::decode(child.native_exit_code());
    return output;
}

namespace {

// Boost tells of a failed exec through a pipe that it makes itself. Were that to get one of these numbers, the child
// would put another descriptor in its place, and a program that cannot be run would seem to have ended.
std::vector<Fd> occupy(const std::vector<std::pair<int, int>>& descriptors)
{
    std::vector<Fd> held;
    for (const auto& [number, ours] : descriptors) {
        if (fcntl(number, F_GETFD) < 0) {
            held.emplace_back(fcntl(ours, F_DUPFD_CLOEXEC, number));
        }
    }
    return held;
}

}  // namespace

pid_t spawn(const LongLived& wanted)
{
    const std::string program = find_program(wanted.argv.at(0));
    const std::vector<std::string> arguments(wanted.argv.begin() + 1, wanted.argv.end());
    Fd input(wanted.null_input ? -1 : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!input) {
        input = open_fd("/dev/null", O_RDONLY);
    }
    const auto kept_free = occupy(wanted.descriptors);
    std::error_code failure;
    bp::child child(bp::exe = program, bp::args = arguments, to_environment(wanted.environment),
                    bp::posix::fd.bind(STDIN_FILENO, input.get()), bp::extend::on_exec_setup([&wanted](auto& executor) {
                        if (!prepare(wanted)) {
                            executor.set_error(std::error_code(errno, std::system_category()), "prepare");
                            _exit(to_int(ExitCode::os_error));
                        }
                    }),
                    failure);
    if (failure) {
        throw start_error(program, failure);
    }
    const pid_t pid = child.id();
    child.detach();
    return pid;
}

std::optional<std::string> helper_program(const std::string& name)
{
    std::array<char, PATH_MAX> self{};
    const auto size = readlink("/proc/self/exe", self.data(), self.size());
    const std::string program(self.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    const std::string path = parent_directory(parent_directory(program)) + "/libexec/" + name;
    return access(path.c_str(), X_OK) == 0 ? std::optional(path) : std::nullopt;
}

bool reduce_to(Privileges privileges, const std::optional<Credentials>& credentials)
{
    return reduce(privileges, credentials) && prctl(PR_SET_DUMPABLE, 0) == 0;
}

pid_t fork_as(const std::optional<Credentials>& credentials, const std::function<int()>& action)
{
    const pid_t child = fork();
    if (child < 0) {
        throw system_error("cannot start a child", errno, ExitCode::os_error);
    }
    if (child == 0) {
        constexpr int refused = 255;
        try {
            _exit(reduce_to(Privileges::none, credentials) ? action() : refused);
        } catch (const std::exception&) {
            _exit(to_int(ExitCode::software));
        }
    }
    return child;
}

int in_child(const std::optional<Credentials>& credentials, const std::function<int()>& action)
{
    const pid_t child = fork_as(credentials, action);
    int status = 0;
    pid_t reaped = -1;
    while ((reaped = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    if (reaped < 0 || !WIFEXITED(status)) {
        throw system_error("cannot try something as another user", reaped < 0 ? errno : ECHILD, ExitCode::os_error);
    }
    return WEXITSTATUS(status);
}

// Not boost::process::search_path: it would make every tool load Boost.Filesystem.
std::optional<std::string> find_in_path(const std::string& name)
{
    if (name.find('/') != std::string::npos) {
        return name;
    }
    const std::string path = env("PATH").value_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    for (const auto directory : split(path, ':')) {
        const std::string candidate = std::string(directory.empty() ? "." : directory) + "/" + name;
        struct stat status {};
        if (access(candidate.c_str(), X_OK) == 0 && stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
            return candidate;
        }
    }
    return std::nullopt;
}

}  // namespace dcm::sys
