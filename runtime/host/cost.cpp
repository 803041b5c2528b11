#include "host/cost.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

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

// An attempt that did not raise the peak left nothing to forget.
void CostMeter::begin() {
  const bool forget = peak_ != floor_;
  if (forget) forget_peak();
  if (!forget && cpu_s_) return;
  const rusage now = usage();
  cpu_s_ = cpu_time(now);
  if (forget) floor_ = peak_ = now.ru_maxrss;
}

Cost CostMeter::end() {
  const rusage now = usage();
  const double cpu_s = cpu_time(now);
  const double before = std::exchange(cpu_s_, cpu_s).value_or(cpu_s);
  peak_ = now.ru_maxrss;
  return {std::max(0.0, cpu_s - before), static_cast<std::uint64_t>(now.ru_maxrss) * 1024};
}

}  // namespace flowrra
