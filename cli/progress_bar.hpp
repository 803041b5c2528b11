#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace flowrra::cli {

// How far a batch is, on a terminal's last line: lines, rate and, where the input's size is known, what is left. Shown
// where standard error is a terminal, and drawn ten times a second at the most.
class ProgressBar {
 public:
  // 0: the input's size is not known.
  explicit ProgressBar(std::uint64_t total_bytes);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(std::uint64_t lines, std::uint64_t bytes);
  // Before anything else is written to standard error, and at the end.
  void clear();

 private:
  bool shown_;
  bool drawn_once_ = false;
  std::uint64_t total_;  // bytes
  BootTime start_;
  BootTime drawn_{};
};

}  // namespace flowrra::cli
