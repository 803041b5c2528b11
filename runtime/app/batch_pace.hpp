#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/clock.hpp"

namespace flowrra {

// How many tasks are pushed in one transaction: from 1,000 to 10,000, as many as hold up the store's other users for
// 25 ms at the most, where a thousand do not take longer already.
class BatchPace {
 public:
  static constexpr std::size_t kLeast = 1'000;
  static constexpr std::size_t kMost = 10'000;
  static constexpr Micros kHeld = std::chrono::milliseconds(25);

  [[nodiscard]] std::size_t tasks() const { return tasks_; }

  // One that was pushed since then took so long. More only where twice as many would not hold up others for too long.
  void learn(Micros took) {
    if (took > kHeld) {
      tasks_ = std::max(kLeast, tasks_ / 2);
    } else if (took * 2 < kHeld) {
      tasks_ = std::min(kMost, tasks_ * 2);
    }
  }

 private:
  std::size_t tasks_ = kLeast;
};

}  // namespace flowrra
