#include "store/redis/stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "store/redis/dial.hpp"
#include "store/redis/tls_stream.hpp"

namespace flowrra::redis {
namespace {

Error unreachable(std::string message) { return {Code::unreachable, std::move(message), {}}; }

class PlainStream final : public Stream {
 public:
  explicit PlainStream(UniqueFd socket) : socket_(std::move(socket)) {}

  Status send(std::string_view bytes, const Until& until) override {
    sent_ = true;
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        if (auto ready = wait_for(socket_.get(), POLLOUT, until); !ready) return ready;
      } else if (errno != EINTR) {
        return unreachable("the connection is lost: " + errno_text(errno));
      }
    }
    return {};
  }

  Result<std::size_t> receive(std::span<char> room, const Until& until) override {
    if (std::exchange(sent_, false) && !until.is_over()) {  // no answer yet
      if (auto ready = wait_for(socket_.get(), POLLIN, until); !ready) return ready.error();
    }
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
      may_have_more_ = got == std::ssize(room);
      if (got > 0) return static_cast<std::size_t>(got);
      if (got == 0) return unreachable("the server closed the connection");
      if (errno == EAGAIN) {
        if (auto ready = wait_for(socket_.get(), POLLIN, until); !ready) return ready.error();
      } else if (errno != EINTR) {
        return unreachable("the connection is lost: " + errno_text(errno));
      }
    }
  }

  [[nodiscard]] bool is_idle() const override {
    pollfd socket = {socket_.get(), POLLIN | POLLRDHUP, 0};
    return poll(&socket, 1, 0) == 0;
  }

  [[nodiscard]] int fd() const override { return socket_.get(); }
  [[nodiscard]] bool may_have_more() const override { return may_have_more_; }

 private:
  UniqueFd socket_;
  bool sent_ = false;  // since it received last
  bool may_have_more_ = false;
};

}  // namespace

Status wait_for(int fd, short events, const Until& until) {
  std::array<pollfd, 2> fds = {{{fd, events, 0}, {until.stop_fd, POLLIN, 0}}};  // poll() skips a negative descriptor
  if (until.is_over()) return Error{Code::timed_out, "nothing has come", {}};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until.deadline - std::chrono::steady_clock::now());
    const int wait = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
    const int ready = poll(fds.data(), fds.size(), wait);
    if (ready < 0 && errno != EINTR) return unreachable("cannot wait for the connection: " + errno_text(errno));
    if (ready > 0 && fds[1].revents != 0) return Error{Code::interrupted, "the wait was ended", {}};
    if (ready > 0) return {};
    if (std::chrono::steady_clock::now() >= until.deadline) return Error{Code::timed_out, "no answer in time", {}};
  }
}

std::unique_ptr<Stream> plain_stream(UniqueFd socket) { return std::make_unique<PlainStream>(std::move(socket)); }

Result<std::unique_ptr<Stream>> open_stream(const Endpoint& endpoint, const Until& until) {
  auto socket = dial(endpoint, until);
  if (!socket) return socket.error();
  if (endpoint.tls) return tls_stream(*std::move(socket), endpoint, until);
  return plain_stream(*std::move(socket));
}

}  // namespace flowrra::redis
