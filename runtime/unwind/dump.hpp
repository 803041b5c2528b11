#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/crash_area.hpp"
#include "host/crash_facts.hpp"

namespace flowrra {

// What a dead host has left of itself: registers, stack, mappings. Nothing in it is to be trusted: it was written by a
// process that was falling apart.
struct Dump {
  CrashHeader header;
  std::string stack;  // from header.stack_address upward
  std::vector<Mapping> mappings;
  std::vector<CrashPlugin> plugins;

  // The word at an address of the saved stack.
  [[nodiscard]] std::optional<std::uint64_t> word(std::uint64_t address) const;
  [[nodiscard]] bool is_plugin(const std::string& file) const;
};

// Nothing when no process has left a record.
std::optional<Dump> read_dump(const CrashArea& area);

}  // namespace flowrra
