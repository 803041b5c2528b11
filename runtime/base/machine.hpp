#pragma once

#include <cstdint>
#include <string>

namespace flowrra {

// What tells one start of one machine from all others; empty where the kernel does not say. [any thread]
std::string boot_id();

// What tells this process's numbering of processes from those of other containers. [any thread]
std::string pid_space();

// True when no such process lives here: it is unknown, dead but not yet reaped, or was started at another time than
// `pid_start` (clock ticks since boot; 0: unknown). Means something only for a pid of this machine's present start and
// of this process's numbering. [any thread]
bool process_gone(int pid, std::int64_t pid_start);

}  // namespace flowrra
