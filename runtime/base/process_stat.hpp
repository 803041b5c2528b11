#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace flowrra {

// What the kernel tells everybody of a process (/proc/PID/stat).
struct ProcessStat {
  char state = '?';        // 'Z': dead, not yet reaped
  bool exiting = false;    // on its way to 'Z'; its descriptors may be closed already
  std::int64_t start = 0;  // in clock ticks since boot; tells processes apart that had one number

  // When it started, by the boot clock: not earlier than the first, and earlier than the second.
  [[nodiscard]] BootTime started_after() const;
  [[nodiscard]] BootTime started_before() const;
};

// What /proc/PID/NAME holds, as far as it can be read: a process may end meanwhile. [any thread]
std::string process_file(pid_t pid, const char* name);

// Nothing where no such process is, or /proc does not show it. [any thread]
std::optional<ProcessStat> process_stat(pid_t pid);

}  // namespace flowrra
