#include "host/cost.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace flowrra {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

rusage usage() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return now;
}

double cpu_time(const rusage& now) { return seconds(now.ru_utime) + seconds(now.ru_stime); }

// The kernel keeps one peak for the process; writing 5 to this file starts it anew (proc(5)), so that a task's own peak
// can be told from that of the tasks before it.
void forget_peak() {
  static const int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (file >= 0) [[maybe_unused]]
    const ssize_t written = pwrite(file, "5", 1, 0);
}

}  // namespace

CostMeter::CostMeter() {
  forget_peak();
  before_ = cpu_time(usage());
}

Cost CostMeter::read() const {
  const rusage now = usage();
  return {std::max(0.0, cpu_time(now) - before_), static_cast<std::uint64_t>(now.ru_maxrss) * 1024};
}

}  // namespace flowrra
