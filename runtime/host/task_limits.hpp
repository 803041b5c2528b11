#pragma once

#include <sys/resource.h>

#include <array>
#include <cstddef>

#include "task/limits.hpp"

namespace flowrra {

// Bounds this process while it lives, by the soft limits that setrlimit(2) describes, and gives back what was before. A
// limit that is not set costs nothing. Memory is not bounded under sanitizers, whose shadow needs terabytes of
// addresses.
class TaskLimits {
 public:
  explicit TaskLimits(const Limits& limits);
  TaskLimits(const TaskLimits&) = delete;
  TaskLimits& operator=(const TaskLimits&) = delete;
  ~TaskLimits();

 private:
  void set(__rlimit_resource resource, std::uint64_t most);

  struct Before {
    __rlimit_resource resource;
    rlimit limit;
  };
  std::array<Before, 5> before_{};
  std::size_t count_ = 0;
};

}  // namespace flowrra
