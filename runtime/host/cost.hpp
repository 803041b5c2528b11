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

// Measures one attempt after another. Nothing else may run in the process meanwhile. The kernel is asked for processor
// time once for two attempts where one follows the other at once, and not at the end of one that ends within kShort of
// the last time: that has cost its time by the clock, waiting included. It is asked for memory when attempts have run
// for kShort since the last time, and when the process waits: shorter ones have what was there before them.
class CostMeter {
 public:
  static constexpr Micros kShort = Micros(100);
  enum class Then : std::uint8_t { next, nothing };  // what follows an attempt

  void begin(BootTime now);
  [[nodiscard]] Cost end(BootTime now, Then then);
  // The process waits now: what runs in it meanwhile is no attempt's.
  void pause();

 private:
  double cpu_of_attempt(BootTime now, Then then);
  void see_cpu(BootTime now);
  void see_memory();

  BootTime began_;               // the attempt
  BootTime cpu_seen_;            // when the kernel was asked for the processor time of the process
  std::optional<double> cpu_s_;  // what it was then
  double told_s_ = 0;            // of attempts since then
  Micros unseen_ = {};           // for which attempts have run since memory was seen
  std::uint64_t resident_ = 0;   // bytes of the process, when it was seen; 0: never
  std::uint64_t peak_ = 0;       // and the most since its peak was forgotten
};

}  // namespace flowrra
