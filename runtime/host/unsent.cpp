#include "host/unsent.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

namespace flowrra {

void Unsent::add(std::string_view frames) {
  const std::lock_guard lock(lock_);
  waiting_ += frames;
}

void Unsent::add(const FinishedFrame& outcome) {
  const std::lock_guard lock(lock_);
  append(waiting_, outcome);
}

void Unsent::add_news(std::string_view frame) {
  constexpr std::uint32_t kWarning = 2;
  const std::lock_guard lock(lock_);
  if (waiting_.size() > kTooMuch) {
    ++dropped_;
    return;
  }
  if (dropped_ > 0) {
    append(waiting_, LogFrame{0, kWarning, std::to_string(dropped_) + " lines of log and progress were dropped"});
    dropped_ = 0;
  }
  waiting_ += frame;
}

Unsent::Written Unsent::write(int socket) { return write_some(socket, MSG_DONTWAIT); }

Unsent::Written Unsent::write_all(int socket) {
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) & ~O_NONBLOCK);
  return write_some(socket, 0);
}

Unsent::Written Unsent::write_some(int socket, int flags) {
  while (true) {
    if (written_ == writing_.size()) {
      writing_.clear();
      written_ = 0;
      const std::lock_guard lock(lock_);
      if (waiting_.empty()) return Written::all;
      writing_.swap(waiting_);
    }
    const ssize_t sent = ::send(socket, writing_.data() + written_, writing_.size() - written_, flags | MSG_NOSIGNAL);
    if (sent >= 0) {
      written_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Written::partly;
    } else if (errno != EINTR) {
      return Written::broken;
    }
  }
}

}  // namespace flowrra
