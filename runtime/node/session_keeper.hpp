#pragma once

#include <functional>
#include <optional>

#include "executor/loop.hpp"
#include "node/courier.hpp"
#include "store/directory.hpp"

namespace flowrra {

// Holds the node's session: opens it, renews it three times a lease, and opens a new one after the old one died.
// All on the loop thread.
class SessionKeeper {
 public:
  struct Events {
    std::function<void(const SessionId&)> opened;
    std::function<void()> lost;                // what runs under it is no longer ours
    std::function<void()> beat;                // the session was renewed
    std::function<void()> closed;              // after close()
    std::function<std::string()> health = {};  // asked for before each renewal, which carries it
    // The store cannot be used and will not mend by itself (damaged, denied, of a newer version): nothing goes on.
    std::function<void(const Error&)> refused = {};
  };

  // `about` says everything of the session but its id. Borrows the others.
  SessionKeeper(Loop& loop, const Clock& clock, Courier& courier, Session about, Micros lease, Events events);

  void open();
  // The dispatcher learned that the session is dead.
  void lose();
  void close();
  // Says anew what the session has to say, but for its id, and what became of a reload that it was asked for. What the
  // store does not take is said again with the next heartbeat.
  void update(Session about, std::optional<ReloadAnswer> answer);

  // How much later than it should have come the last renewal was made: for so long the loop was held up.
  [[nodiscard]] Micros late() const { return late_; }

 private:
  void next(Micros delay);
  void beat();
  void on_beat(const Status& status);
  void tell();

  const Clock& clock_;
  Courier& courier_;
  Session session_;
  Micros lease_;
  Events events_;
  bool open_ = false;
  bool closing_ = false;
  bool failing_ = false;
  bool untold_ = false;                 // the store has not taken the last update
  std::optional<ReloadAnswer> answer_;  // of that update
  BootTime renewed_{};
  BootTime due_{};  // the next renewal
  Micros late_{0};
  Timer timer_;
};

}  // namespace flowrra
