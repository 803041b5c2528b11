#pragma once

#include <functional>
#include <optional>

#include "executor/loop.hpp"

namespace flowrra {

// Wakes the dispatcher when the earliest scheduled or retrying task is due; the broker then makes it pending as part
// of the claim. All on the loop thread.
class Promoter {
 public:
  Promoter(Loop& loop, std::function<void()> due) : timer_(loop, std::move(due)) {}

  // The newest knowledge of the broker: how long until the earliest one, if there is one.
  void next_due(std::optional<Micros> wait) {
    if (wait) {
      timer_.start(*wait);
    } else {
      timer_.stop();
    }
  }

 private:
  Timer timer_;
};

}  // namespace flowrra
