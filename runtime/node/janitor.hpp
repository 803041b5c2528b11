#pragma once

#include "executor/loop.hpp"
#include "node/courier.hpp"
#include "node/pulse.hpp"

namespace flowrra {

// Removes finished tasks that are older than the backend's ttl, a bounded number at a time. All on the loop thread.
class Janitor {
 public:
  Janitor(Loop& loop, const Clock& clock, Courier& courier, Micros ttl);
  void start() { sweep(); }
  void stop();
  [[nodiscard]] PartHealth health() const;

 private:
  void sweep();
  Courier& courier_;
  Micros ttl_;
  Pulse pulse_;
  bool stopped_ = false;
  Timer timer_;
};

}  // namespace flowrra
