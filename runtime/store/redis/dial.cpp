#include "store/redis/dial.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "store/redis/resolve.hpp"
#include "store/redis/stream.hpp"

namespace flowrra::redis {
namespace {

Error unreachable(int problem) { return {Code::unreachable, errno_text(problem), {}}; }

Result<UniqueFd> connect_to(int family, const sockaddr* address, socklen_t size, const Until& until) {
  UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return unreachable(errno);
  if (::connect(socket.get(), address, size) == 0) return socket;
  if (errno != EINPROGRESS && errno != EINTR) return unreachable(errno);
  if (auto ready = wait_for(socket.get(), POLLOUT, until); !ready) return ready.error();
  int problem = 0;
  socklen_t problem_size = sizeof(problem);
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &problem_size);
  if (problem != 0) return unreachable(problem);
  return socket;
}

Result<UniqueFd> dial_unix(const std::string& path, const Until& until) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(static_cast<char*>(address.sun_path), path.data(), std::min(path.size(), sizeof(address.sun_path) - 1));
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address), until);
}

// Commands are whole when they are written, so nothing is gained by holding back small packets. The peer of an idle
// connection is asked for a sign of life after 30 s.
void tune(int socket) {
  const auto set = [socket](int level, int option, int value) {
    setsockopt(socket, level, option, &value, sizeof(value));
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

std::size_t count(const addrinfo* first) {
  std::size_t out = 0;
  for (; first != nullptr; first = first->ai_next) ++out;
  return out;
}

}  // namespace

Result<UniqueFd> dial(const Endpoint& endpoint, const Until& until) {
  if (!endpoint.path.empty()) return dial_unix(endpoint.path, until);
  const auto addresses = resolve(endpoint.host, endpoint.port, until);
  if (!addresses) return addresses.error();
  Error last{Code::unreachable, "the host has no address", {}};
  for (const addrinfo* each = addresses->get(); each != nullptr; each = each->ai_next) {
    // One address that swallows everything must not use up the time of those behind it.
    const auto now = std::chrono::steady_clock::now();
    const auto share = (until.deadline - now) / static_cast<int>(count(each));
    auto socket = connect_to(each->ai_family, each->ai_addr, each->ai_addrlen, {now + share, until.stop_fd});
    if (socket) {
      tune(socket->get());
      return socket;
    }
    last = socket.error();
    if (last.code == Code::interrupted) break;
  }
  return last;
}

}  // namespace flowrra::redis
