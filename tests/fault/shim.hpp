#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"

namespace flowrra::test {

// The flowrra command with the shim (shim.c) beneath it and what the shim shall do: {"KILL", "7"}. It is run by the
// flowrra that was linked for that.
Command with_shim(Command command, const std::vector<std::pair<std::string, std::string>>& faults);

// How far the wall clock of processes with the shim is off, while they run.
class WallClock {
 public:
  explicit WallClock(const std::string& file);
  WallClock(const WallClock&) = delete;
  WallClock& operator=(const WallClock&) = delete;
  ~WallClock();

  // For with_shim().
  [[nodiscard]] std::pair<std::string, std::string> fault() const { return {"CLOCK", file_}; }
  void set_off_by(std::chrono::seconds offset);

 private:
  std::string file_;
  std::int64_t* offset_ = nullptr;
};

}  // namespace flowrra::test
