#pragma once

#include <memory>
#include <string>

#include "base/fd.hpp"
#include "store/redis/listener.hpp"

namespace flowrra::redis {

// The wake descriptor of one role of an open store. Whoever asks for it begins to listen; who only submits or looks
// does not.
class Bell {
 public:
  Bell(const Endpoint& endpoint, std::string channel);

  // Readable after something was published on the channel, and each time that this could not be heard (Listener). When
  // this process has no connection left to listen with, it is readable at once, and the next call tries again.
  int fd();

  // What was published since the last call. [any thread, after fd()]
  Listener::Heard hear();

 private:
  Endpoint endpoint_;
  std::string channel_;
  UniqueFd without_;  // readable: nobody listens
  std::unique_ptr<Listener> listener_;
};

}  // namespace flowrra::redis
