#include "host/cost.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace flowrra {
namespace {

// Memory that comes and goes without meaning: the kernel counts in steps of some pages.
constexpr std::uint64_t kSlack = std::uint64_t{256} * 1024;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_of_process() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return seconds(now.ru_utime) + seconds(now.ru_stime);
}

// Bytes; 0 where there is no such line.
std::uint64_t kilobytes_at(std::string_view status, std::string_view name) {
  const std::size_t at = status.find(name);
  if (at == std::string_view::npos) return 0;
  const std::size_t begin = std::min(status.find_first_not_of(" \t", at + name.size()), status.size());
  std::uint64_t read = 0;
  std::from_chars(status.data() + begin, status.data() + status.size(), read);
  return read * 1024;
}

struct Memory {
  std::uint64_t resident = 0;
  std::uint64_t peak = 0;
};

// getrusage() would tell the peak of whoever started this process, where that was higher.
Memory memory_of_process() {
  static const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  std::array<char, 4096> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const ssize_t got = file < 0 ? -1 : pread(file, bytes.data(), bytes.size(), 0);
  if (got <= 0) return {};
  const std::string_view status(bytes.data(), static_cast<std::size_t>(got));
  return {kilobytes_at(status, "\nVmRSS:"), kilobytes_at(status, "\nVmHWM:")};
}

// The kernel keeps one peak for the process; writing 5 to this file starts it anew (proc(5)), so that a task's own peak
// can be told from that of the tasks before it.
void forget_peak() {
  static const int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (file >= 0) [[maybe_unused]]
    const ssize_t written = pwrite(file, "5", 1, 0);
}

}  // namespace

void CostMeter::see_cpu(BootTime now) {
  cpu_s_ = cpu_of_process();
  cpu_seen_ = now;
  told_s_ = 0;
}

void CostMeter::see_memory() {
  const Memory memory = memory_of_process();
  resident_ = memory.resident;
  peak_ = memory.peak;
  unseen_ = {};
}

void CostMeter::begin(BootTime now) {
  began_ = now;
  if (!cpu_s_) see_cpu(now);
  if (resident_ == 0) see_memory();
  if (peak_ <= resident_ + kSlack) return;
  forget_peak();
  peak_ = resident_;
}

Cost CostMeter::end(BootTime now, Then then) {
  unseen_ += now - began_;
  if (unseen_ >= kShort) see_memory();
  return {cpu_of_attempt(now, then), peak_};
}

double CostMeter::cpu_of_attempt(BootTime now, Then then) {
  if (then == Then::next && now - cpu_seen_ < kShort) {
    const double ran_s = std::chrono::duration<double>(now - began_).count();
    told_s_ += ran_s;
    return ran_s;
  }
  const double before = cpu_s_.value_or(0) + told_s_;
  see_cpu(now);
  return std::max(0.0, *cpu_s_ - before);
}

void CostMeter::pause() {
  cpu_s_.reset();
  if (unseen_ > Micros(0)) see_memory();
}

}  // namespace flowrra
