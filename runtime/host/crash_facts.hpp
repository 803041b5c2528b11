#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/crash_area.hpp"
#include "task/crash_report.hpp"

// What a crash record says without symbols or unwinding. Pure.
namespace flowrra {

// A line of /proc/PID/maps.
struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;  // of `begin` in the file
  bool executable = false;
  std::string file;  // empty: none that could be opened by this name now

  bool operator==(const Mapping&) const = default;
};

// Lines that make no sense, and a last one that was cut, are left out.
std::vector<Mapping> parse_maps(std::string_view text);

// The mapping that holds the address, or null.
const Mapping* mapping_at(const std::vector<Mapping>& mappings, std::uint64_t address);

// "media.so" of "/lib/media.so", and of a private copy of it, which has its digest in its name: media-DIGEST.so.
std::string file_name(const std::string& path);

// The address by its file and the offset there.
CrashFrame raw_frame(const std::vector<Mapping>& mappings, const std::vector<CrashPlugin>& plugins,
                     std::uint64_t address);

// How the process died, by its own record.
CrashReport crash_facts(const CrashHeader& header);

}  // namespace flowrra
