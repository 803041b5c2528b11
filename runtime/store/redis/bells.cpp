#include "store/redis/bells.hpp"

#include <sys/eventfd.h>

#include <utility>

#include "base/log.hpp"

namespace flowrra::redis {

Bells::Bells(const Endpoint& endpoint, std::string work_channel, std::string outcome_channel)
    : endpoint_(endpoint),
      work_channel_(std::move(work_channel)),
      outcome_channel_(std::move(outcome_channel)),
      work_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      outcome_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

int Bells::listening(const UniqueFd& bell, std::unique_ptr<Listener>& listener, const std::string& channel) {
  if (listener) return bell.get();
  auto opened = Listener::open(endpoint_, {{channel, bell.get()}});
  if (opened) {
    listener = *std::move(opened);
  } else {
    log::warning("cannot listen for wake-ups: " + opened.error().message);
    ::eventfd_write(bell.get(), 1);
  }
  return bell.get();
}

}  // namespace flowrra::redis
