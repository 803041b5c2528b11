#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace flowrra {

// What an attempt cost this process.
struct Cost {
  double cpu_s = 0;           // user and system time, of all threads
  std::uint64_t max_rss = 0;  // bytes
};

// Measures one attempt after another. Nothing else may run in the process meanwhile. The kernel is asked once for tasks
// that follow each other at once, and not for what has run for less than kShort since: that is told by the clock.
class CostMeter {
 public:
  static constexpr Micros kShort = Micros(100);

  void begin(BootTime now);
  [[nodiscard]] Cost end(BootTime now);
  // The process waits now: what runs in it meanwhile is no attempt's.
  void pause() { cpu_s_.reset(); }

 private:
  void look(BootTime now);

  BootTime began_;               // the attempt
  BootTime looked_;              // when the kernel was asked last
  std::optional<double> cpu_s_;  // of the process then
  double told_s_ = 0;            // of attempts since then
  long floor_ = -1;              // what the process had when its peak was last forgotten, KiB
  long peak_ = 0;                // since then
};

}  // namespace flowrra
