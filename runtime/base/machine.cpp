#include "base/machine.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>

#include "base/process_stat.hpp"

namespace flowrra {

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::string pid_space() {
  std::array<char, 64> text{};
  const auto size = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
}

bool process_gone(int pid, std::int64_t pid_start) {
  if (::kill(pid, 0) != 0 && errno == ESRCH) return true;
  const auto stat = process_stat(pid);
  if (!stat) return false;
  return stat->state == 'Z' || (pid_start != 0 && stat->start != 0 && stat->start != pid_start);
}

}  // namespace flowrra
