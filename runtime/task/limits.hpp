#pragma once

#include <cstdint>

#include "task/options.hpp"

namespace flowrra {

// What the kernel lets a host have; 0: as much as it wants. A cpu host's change with each task, an io host's stay.
struct Limits {
  std::uint64_t memory = 0;      // bytes of address space
  std::int64_t cpu_time_us = 0;  // of one task; the kernel counts in whole seconds: up to one more
  std::uint64_t open_files = 0;  // descriptors
  std::uint64_t file_size = 0;   // bytes of each file that is written
  std::uint64_t processes = 0;   // and threads, of the user on the whole machine; root is not bound

  bool operator==(const Limits&) const = default;
};

inline Limits limits_of(const TaskOptions& options) {
  return {options.memory.value_or(0), options.cpu_time.value_or(Micros(0)).count(), options.open_files.value_or(0),
          options.file_size.value_or(0), options.processes.value_or(0)};
}

}  // namespace flowrra
