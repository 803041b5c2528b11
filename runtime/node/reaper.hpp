#pragma once

#include "executor/loop.hpp"
#include "node/courier.hpp"

namespace flowrra {

// Finds running tasks whose session is dead, of whichever node, and makes them pending again: at start, and twice a
// lease. All on the loop thread.
class Reaper {
 public:
  Reaper(Loop& loop, Courier& courier, Micros lease);
  void start() { reap(); }
  void stop();

 private:
  void reap();
  Courier& courier_;
  Micros interval_;
  bool stopped_ = false;
  Timer timer_;
};

}  // namespace flowrra
