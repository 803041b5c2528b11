#pragma once

#include "executor/loop.hpp"
#include "node/courier.hpp"

namespace flowrra {

// Removes finished tasks that are older than the backend's ttl, a bounded number at a time. All on the loop thread.
class Janitor {
 public:
  Janitor(Loop& loop, Courier& courier, Micros ttl);
  void start() { sweep(); }
  void stop();

 private:
  void sweep();
  Courier& courier_;
  Micros ttl_;
  bool stopped_ = false;
  Timer timer_;
};

}  // namespace flowrra
