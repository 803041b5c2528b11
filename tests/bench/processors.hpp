#pragma once

#include <sched.h>
#include <sys/types.h>

#include <vector>

namespace flowrra::bench {

inline std::vector<int> usable_processors() {
  cpu_set_t set;
  std::vector<int> out;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return out;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) out.push_back(i);
  }
  return out;
}

// Has a server run on the last processor that there is, and this thread on the first. The same work takes up to a fifth
// longer on one processor than on another of some machines, so that servers that are compared have to share one.
inline void settle_on_processors(pid_t server) {
  static const std::vector<int> all = usable_processors();
  const auto bind = [](pid_t who, int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    ::sched_setaffinity(who, sizeof set, &set);
  };
  if (all.size() < 2) return;
  bind(server, all.back());
  bind(0, all.front());
}

}  // namespace flowrra::bench
