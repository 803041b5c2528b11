#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace flowrra {

// What an attempt cost this process.
struct Cost {
  double cpu_s = 0;           // user and system time, of all threads
  std::uint64_t max_rss = 0;  // bytes
};

// Measures from its making to read(). Nothing else may run in the process meanwhile.
class CostMeter {
 public:
  CostMeter();
  [[nodiscard]] Cost read() const;

 private:
  double before_ = 0;
};

}  // namespace flowrra
