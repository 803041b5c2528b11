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

// Measures one attempt after another. Nothing else may run in the process meanwhile. The kernel is asked once for two
// attempts where one follows the other at once, and not at the end of one that ends within kShort of the last time:
// that has cost its time by the clock, waiting included, and its memory is seen the next time.
class CostMeter {
 public:
  static constexpr Micros kShort = Micros(100);
  enum class Then : std::uint8_t { next, nothing };  // what follows an attempt

  void begin(BootTime now);
  [[nodiscard]] Cost end(BootTime now, Then then);
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
