#pragma once

#include <cstdint>
#include <optional>

namespace flowrra {

// What an attempt cost this process.
struct Cost {
  double cpu_s = 0;           // user and system time, of all threads
  std::uint64_t max_rss = 0;  // bytes
};

// Measures one attempt after another. Nothing else may run in the process meanwhile. Of tasks that follow each other at
// once each costs one look: where the one before ended the next begins.
class CostMeter {
 public:
  void begin();
  [[nodiscard]] Cost end();
  // The process waits now: what runs in it meanwhile is no attempt's.
  void pause() { cpu_s_.reset(); }

 private:
  std::optional<double> cpu_s_;  // of the process, when the attempt began
  long floor_ = -1;              // what the process had when its peak was last forgotten, KiB
  long peak_ = 0;                // since then
};

}  // namespace flowrra
