// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/control.hpp>
#include <dcm/core/error.hpp>
#include <dcm/core/log.hpp>
#include <dcm/core/text.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace dcm::archive {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration k_request_limit = 2s;
constexpr std::size_t k_request_size = 1024;
constexpr std::string_view k_restart = "restart ";

std::optional<sockaddr_un> address_of(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return std::nullopt;
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

bool is_welcome(int caller, const std::function<bool(pid_t)>& is_of_server)
{
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    return getsockopt(caller, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 &&
           (credentials.uid == 0 || credentials.uid == geteuid()) && !is_of_server(credentials.pid);
}

std::string end_line(ExitCode code, const std::string& text)
{
    return "end " + std::to_string(to_int(code)) + " " + printable(text) + "\n";
}

sys::Fd listen_at(const std::string& path)
{
    const auto address = address_of(path);
    sys::Fd fd(address ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1);
    if (!fd) {
        errno = address ? errno : ENAMETOOLONG;
        return fd;
    }
    ::unlink(path.c_str());
    // The mode counts from the socket's first moment.
    const mode_t before = umask(0177);
    const bool bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) == 0;
    umask(before);
    return bound && listen(fd.get(), 8) == 0 ? std::move(fd) : sys::Fd();
}

}  // namespace

void Control::open(const std::string& run_dir, std::function<bool(pid_t)> is_of_server, const Notify& notify)
{
    m_is_of_server = std::move(is_of_server);
    m_path = run_dir + "/control";
    m_listener = listen_at(m_path);
    if (!m_listener) {
        const std::string why = errno_text(errno);
        notify({Level::warning,
                "cannot listen on " + quoted(m_path) + ": " + why +
                    "; 'dcm-start --restart' will not work, SIGUSR1 does; make the directory writable (--tmpfs /run)",
                {}});
        m_path.clear();
    }
}

void Control::close()
{
    finish(ExitCode::temp_fail, "the archive is stopping");
    m_listener.reset();
    if (!m_path.empty()) {
        ::unlink(m_path.c_str());
    }
}

void Control::accept_caller(Clock::time_point now)
{
    for (;;) {
        sys::Fd caller(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!caller) {
            return;
        }
        std::string refusal;
        if (!is_welcome(caller.get(), m_is_of_server)) {
            refusal = end_line(ExitCode::no_permission, "only root and the user of dcm-start may ask for a restart");
        } else if (m_caller) {
            refusal = end_line(ExitCode::temp_fail, "a restart is already going on");
        }
        if (refusal.empty()) {
            m_caller = std::move(caller);
            m_received.clear();
            m_request_by = now + k_request_limit;
        } else {
            ::send(caller.get(), refusal.data(), refusal.size(), MSG_NOSIGNAL);
        }
    }
}

std::optional<std::string> Control::take_request(Clock::time_point now)
{
    if (!m_listener) {
        return std::nullopt;
    }
    accept_caller(now);
    std::array<char, k_request_size> buffer{};
    const auto got = m_caller ? ::recv(m_caller.get(), buffer.data(), buffer.size(), 0) : -1;
    const bool gone = m_caller && (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR));
    if (gone || take_due(m_request_by, now)) {
        m_request_by.reset();
        m_caller.reset();
        return std::nullopt;
    }
    if (got <= 0 || !m_request_by) {  // what he says after his request is of no interest
        return std::nullopt;
    }
    m_received.append(buffer.data(), static_cast<std::size_t>(got));
    const auto end = m_received.find('\n');
    if (end == std::string::npos && m_received.size() < k_request_size) {
        return std::nullopt;
    }
    m_request_by.reset();
    const auto reason = parse_request(std::string_view(m_received).substr(0, end));
    if (!reason) {
        finish(ExitCode::usage, "not a request that this version knows");
    }
    return reason;
}

void Control::tell(const Notice& notice)
{
    send(std::string(log::name(notice.level)) + " " + printable(notice.message) + "\n");
}

void Control::finish(ExitCode code, const std::string& text)
{
    send(end_line(code, text));
    m_caller.reset();
    m_request_by.reset();
}

void Control::send(const std::string& line)
{
    if (m_caller && !m_request_by) {
        ::send(m_caller.get(), line.data(), line.size(), MSG_NOSIGNAL);
    }
}

std::optional<std::string> parse_request(std::string_view line)
{
    if (!starts_with(line, k_restart)) {
        return std::nullopt;
    }
    return printable(trim(line.substr(k_restart.size())));
}

std::optional<Answer> parse_answer(std::string_view line)
{
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) {
        return std::nullopt;
    }
    const auto word = line.substr(0, blank);
    auto text = line.substr(blank + 1);
    if (word == "end") {
        const auto status = parse_unsigned(text.substr(0, text.find(' ')), 0, 255);
        if (!status) {
            return std::nullopt;
        }
        text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
        const bool good = *status == 0;
        return Answer{static_cast<int>(*status), {good ? Level::info : Level::error, std::string(text), {}}};
    }
    const auto level = log::parse_level(word);
    return level ? std::optional(Answer{std::nullopt, {*level, std::string(text), {}}}) : std::nullopt;
}

int ask_for_restart(const std::string& run_dir, const std::string& reason, const Notify& notify)
{
    const std::string path = run_dir + "/control";
    const auto address = address_of(path);
    const sys::Fd server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!address || connect(server.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0) {
        const bool none = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR;
        throw none ? Error(ExitCode::unavailable,
                           "no dcm-start is running here (nobody listens on " + quoted(path) +
                               "); call it in the archive's container: docker exec CONTAINER dcm-start --restart")
                   : system_error("cannot reach dcm-start on " + quoted(path), errno, ExitCode::unavailable,
                                  "call it as root");
    }
    const std::string request = std::string(k_restart) + printable(reason).substr(0, k_request_size / 2) + "\n";
    ::send(server.get(), request.data(), request.size(), MSG_NOSIGNAL);
    std::string received;
    std::array<char, 1024> buffer{};
    for (;;) {
        const auto got = ::recv(server.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            throw Error(ExitCode::temp_fail, "dcm-start ended before the restart was over; see its log");
        }
        received.append(buffer.data(), static_cast<std::size_t>(got));
        for (auto end = received.find('\n'); end != std::string::npos; end = received.find('\n')) {
            const auto answer = parse_answer(std::string_view(received).substr(0, end));
            received.erase(0, end + 1);
            if (answer && !answer->notice.message.empty()) {
                notify(answer->notice);
            }
            if (answer && answer->end) {
                return *answer->end;
            }
        }
    }
}

}  // namespace dcm::archive
