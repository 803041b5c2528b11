#include "host/cost.hpp"

#include <fcntl.h>
#include <sys/resource.h>
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

void CostMeter::look(BootTime now) {
  const rusage used = usage();
  cpu_s_ = cpu_time(used);
  peak_ = used.ru_maxrss;
  looked_ = now;
  told_s_ = 0;
}

// Attempts that did not raise the peak left nothing to forget.
void CostMeter::begin(BootTime now) {
  began_ = now;
  if (!cpu_s_) look(now);
  if (peak_ == floor_) return;
  forget_peak();
  look(now);
  floor_ = peak_;
}

Cost CostMeter::end(BootTime now, Then then) {
  double cpu_s = std::chrono::duration<double>(now - began_).count();
  if (then == Then::next && now - looked_ < kShort) {
    told_s_ += cpu_s;
  } else {
    const double before = *cpu_s_ + told_s_;
    look(now);
    cpu_s = std::max(0.0, *cpu_s_ - before);
  }
  return {cpu_s, static_cast<std::uint64_t>(peak_) * 1024};
}

}  // namespace flowrra
