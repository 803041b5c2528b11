#pragma once

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace flowrra::test {

// What a process holds of the system.
struct Standing {
  long descriptors = 0;
  long resident = 0;  // KiB
};

inline Standing standing_of(pid_t pid) {
  Standing out;
  const std::string process = "/proc/" + std::to_string(pid);
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(process + "/fd")) ++out.descriptors;
  std::ifstream status(process + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) out.resident = std::stol(line.substr(6));
  }
  return out;
}

}  // namespace flowrra::test
