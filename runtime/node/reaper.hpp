#pragma once

#include "executor/loop.hpp"
#include "node/courier.hpp"
#include "node/pulse.hpp"

namespace flowrra {

// Finds running tasks whose session is dead, of whichever node, and makes them pending again. A look is a cheap read
// and shows at once that a node's process is gone, so it looks every second, or four times a lease where that is
// shorter. All on the loop thread.
class Reaper {
 public:
  Reaper(Loop& loop, const Clock& clock, Courier& courier, Micros lease);
  void start() { reap(); }
  void stop();
  [[nodiscard]] PartHealth health() const { return pulse_.health("reaper", lease_); }

 private:
  void reap();
  Courier& courier_;
  Micros lease_;
  Pulse pulse_;
  bool stopped_ = false;
  Timer timer_;
};

}  // namespace flowrra
