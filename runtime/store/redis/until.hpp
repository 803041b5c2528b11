#pragma once

#include <chrono>

#include "base/clock.hpp"

namespace flowrra::redis {

// How long to wait for a peer: until a moment, or until a descriptor becomes readable (-1: none).
struct Until {
  std::chrono::steady_clock::time_point deadline;  // the default: not at all
  int stop_fd = -1;

  // There is nothing to wait for: what is there counts.
  [[nodiscard]] bool is_over() const { return deadline == std::chrono::steady_clock::time_point(); }

  static Until after(Micros timeout, int stop_fd = -1) { return {std::chrono::steady_clock::now() + timeout, stop_fd}; }
};

}  // namespace flowrra::redis
