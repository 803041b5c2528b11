#include "unwind/dump.hpp"

#include <algorithm>
#include <cstring>

namespace flowrra {

std::optional<std::uint64_t> Dump::word(std::uint64_t address) const {
  std::uint64_t value = 0;
  const std::uint64_t at = address - header.stack_address;
  if (address < header.stack_address || stack.size() < sizeof value || at > stack.size() - sizeof value) {
    return std::nullopt;
  }
  std::memcpy(&value, stack.data() + at, sizeof value);
  return value;
}

bool Dump::is_plugin(const std::string& file) const {
  return std::ranges::find(plugins, file, &CrashPlugin::file) != plugins.end();
}

std::optional<Dump> read_dump(const CrashArea& area) {
  const auto header = area.header();
  if (!header) return std::nullopt;
  return Dump{*header, area.stack(*header), parse_maps(area.maps(*header)), area.plugins()};
}

}  // namespace flowrra
