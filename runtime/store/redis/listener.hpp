#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/redis/endpoint.hpp"

namespace flowrra::redis {

// Rings bells when something is published: a thread with a connection of its own, which subscribes, and does so again
// with the pauses of Connection when it was cut. After that every bell rings once, as something may have been missed,
// and after each attempt that failed: who waits looks at least once a second while nothing can be heard.
// A connection on which nothing is heard for half of `timeout` is asked for a sign (PING), and given up when none
// comes in time: a half-open one must not swallow wake-ups.
class Listener {
 public:
  struct Bell {
    std::string channel;
    int fd = -1;  // an eventfd, not owned, that outlives the listener; it becomes readable
  };

  // Returns when the server has confirmed the subscriptions. When it cannot be reached, or does not allow it, that is
  // told in the log, and is tried again. Errors: unreachable (max_connections of this process are open), internal.
  static Result<std::unique_ptr<Listener>> open(const Endpoint& endpoint, std::vector<Bell> bells);

  // Ends the thread, at once.
  virtual ~Listener() = default;
};

}  // namespace flowrra::redis
