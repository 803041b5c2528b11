#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/redis/endpoint.hpp"

namespace flowrra::redis {

// Hears what is published on one channel, over a connection of its own. Who waits reads that connection itself, so that
// no thread has to be woken in between. A thread subscribes, and does so again with the pauses of Connection when it
// was cut; it asks for a sign (PING) where nothing was heard for half of `timeout`, and gives the connection up when
// none comes in time: a half-open one must not swallow wake-ups. It also reads what nobody reads, so that the server
// need not keep it.
class Listener {
 public:
  struct Heard {
    bool missed = false;  // something may have been published that is not here: look
    std::vector<std::string> messages;
  };

  // Returns when the server has confirmed the subscription. When it cannot be reached, or does not allow it, that is
  // told in the log, and is tried again; each attempt that fails counts as something missed, so that who waits looks at
  // least once a second while nothing can be heard.
  // Errors: unreachable (max_connections of this process are open), internal.
  static Result<std::unique_ptr<Listener>> open(const Endpoint& endpoint, const std::string& channel);

  // Ends the thread, at once.
  virtual ~Listener() = default;

  // Readable when there may be something to hear; the same for as long as the listener lives. [any thread]
  [[nodiscard]] virtual int fd() const = 0;

  // What has arrived since the last call, without waiting. [any thread]
  virtual Heard hear() = 0;
};

}  // namespace flowrra::redis
