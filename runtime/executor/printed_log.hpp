#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "executor/executor.hpp"

namespace flowrra {

// Writes lines that one host printed to the node's log: as many as fit into kMost bytes in kWindow, so that a flood
// fills no disk. How many were left out is told with the first line after. A task's own log keeps its last lines in
// any case. On the loop thread.
class PrintedLog {
 public:
  static constexpr std::size_t kMost = std::size_t{64} * 1024;
  static constexpr Micros kWindow = std::chrono::seconds(10);

  explicit PrintedLog(const Clock& clock) : clock_(clock) {}

  // `job` is what ran there, or null.
  void write(const std::string& host, const Job* job, std::string_view line);

 private:
  const Clock& clock_;
  BootTime begun_{};
  std::size_t bytes_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace flowrra
