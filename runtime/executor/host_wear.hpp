#pragma once

#include <sys/types.h>

#include <cstdint>

#include "executor/executor.hpp"

namespace flowrra {

// When a host has run as many tasks as it may, or grown beyond its bound, and is to be replaced by a fresh one. All on
// the loop thread.
class HostWear {
 public:
  explicit HostWear(const WearLimits& limits) : limits_(limits) {}

  // A task has ended in the host; `peak`: the most memory it had meanwhile, 0: not known.
  void ended_one(pid_t host, std::uint64_t peak, BootTime now);
  // Another host begins.
  void renew() { *this = HostWear(limits_); }
  // The host is to be replaced as soon as nothing runs in it.
  [[nodiscard]] bool worn() const { return worn_; }

 private:
  WearLimits limits_;
  std::uint64_t tasks_ = 0;
  BootTime looked_{};
  bool worn_ = false;
};

// Bytes of memory that a process has now; 0 when it is gone.
std::uint64_t resident_memory(pid_t process);

}  // namespace flowrra
