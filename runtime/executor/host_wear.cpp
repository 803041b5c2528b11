#include "executor/host_wear.hpp"

#include <unistd.h>

#include <fstream>
#include <string>

namespace flowrra {
namespace {

constexpr Micros kLookEvery = std::chrono::seconds(1);

}  // namespace

// What a task had for a while only does no harm: the look at what is left costs a file, so not every task gets one.
void HostWear::ended_one(pid_t host, std::uint64_t peak, BootTime now) {
  ++tasks_;
  if (limits_.tasks > 0 && tasks_ >= limits_.tasks) worn_ = true;
  if (limits_.memory == 0 || worn_) return;
  const bool may_be = peak > 0 ? peak > limits_.memory : now - looked_ >= kLookEvery;
  if (!may_be) return;
  looked_ = now;
  worn_ = resident_memory(host) > limits_.memory;
}

std::uint64_t resident_memory(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (!(file >> size >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace flowrra
