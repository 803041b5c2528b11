#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "unwind/dump.hpp"
#include "unwind/modules.hpp"

namespace flowrra {

// The functions on a stack by addresses inside their calls, the innermost first.
struct Walk {
  std::vector<std::uint64_t> addresses;
  std::string note;  // why it ends early; empty: it is whole
};

// Follows the stack of the dump by the call frame information of its modules, `most` frames at most. At least the saved
// program counter is in it, where there is one.
Walk walk_stack(const Dump& dump, const Modules& modules, std::size_t most);

}  // namespace flowrra
