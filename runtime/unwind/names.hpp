#pragma once

#include <cstdint>
#include <vector>

#include "task/crash_report.hpp"
#include "unwind/dump.hpp"
#include "unwind/modules.hpp"

namespace flowrra {

// The functions at an address, the innermost first: the one whose code it is, and before it those that the compiler has
// put into it. Named by the debug information, else by the symbol table; raw where there is neither.
std::vector<CrashFrame> functions_at(const Dump& dump, const Modules& modules, std::uint64_t address);

}  // namespace flowrra
