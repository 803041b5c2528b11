#include "store/redis/bell.hpp"

#include <sys/eventfd.h>

#include <utility>

#include "base/log.hpp"

namespace flowrra::redis {

Bell::Bell(const Endpoint& endpoint, std::string channel)
    : endpoint_(endpoint), channel_(std::move(channel)), without_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

int Bell::fd() {
  if (!listener_) {
    auto opened = Listener::open(endpoint_, channel_);
    if (opened) {
      listener_ = *std::move(opened);
    } else {
      log::warning("cannot listen for wake-ups: " + opened.error().message);
      ::eventfd_write(without_.get(), 1);
      return without_.get();
    }
  }
  return listener_->fd();
}

Listener::Heard Bell::hear() {
  if (listener_) return listener_->hear();
  return {clear_wake(without_.get()), {}};
}

}  // namespace flowrra::redis
