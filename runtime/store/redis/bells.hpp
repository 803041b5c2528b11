#pragma once

#include <memory>
#include <string>

#include "base/fd.hpp"
#include "store/redis/listener.hpp"

namespace flowrra::redis {

// The wake descriptors of one open store. Whoever asks for one begins to listen; who only submits or looks does not.
class Bells {
 public:
  Bells(const Endpoint& endpoint, std::string work_channel, std::string outcome_channel);

  // Readable after "wake", or "done", was published, and each time that this could not be heard (Listener). When this
  // process has no connection left to listen with, the descriptor is readable at once, and the next call tries again.
  int work_fd() { return listening(work_, work_listener_, work_channel_); }
  int outcome_fd() { return listening(outcome_, outcome_listener_, outcome_channel_); }

 private:
  int listening(const UniqueFd& bell, std::unique_ptr<Listener>& listener, const std::string& channel);

  Endpoint endpoint_;
  std::string work_channel_;
  std::string outcome_channel_;
  UniqueFd work_;
  UniqueFd outcome_;
  std::unique_ptr<Listener> work_listener_;
  std::unique_ptr<Listener> outcome_listener_;
};

}  // namespace flowrra::redis
