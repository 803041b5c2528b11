#include "host/task_limits.hpp"

#include <algorithm>

namespace flowrra {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMayLimitMemory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kMayLimitMemory = false;
#else
constexpr bool kMayLimitMemory = true;
#endif
#else
constexpr bool kMayLimitMemory = true;
#endif

// The kernel's clock of this process, which never goes back, at the end of the task's time.
std::uint64_t cpu_seconds_after(std::int64_t more_us) {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  const std::int64_t used_us =
      (now.ru_utime.tv_sec + now.ru_stime.tv_sec) * 1'000'000 + now.ru_utime.tv_usec + now.ru_stime.tv_usec;
  return static_cast<std::uint64_t>((used_us + more_us + 999'999) / 1'000'000);
}

}  // namespace

TaskLimits::TaskLimits(const Limits& limits) {
  if (kMayLimitMemory) set(RLIMIT_AS, limits.memory);
  if (limits.cpu_time_us > 0) set(RLIMIT_CPU, cpu_seconds_after(limits.cpu_time_us));
  set(RLIMIT_NOFILE, limits.open_files);
  set(RLIMIT_FSIZE, limits.file_size);
  set(RLIMIT_NPROC, limits.processes);
}

void TaskLimits::set(__rlimit_resource resource, std::uint64_t most) {
  rlimit limit{};
  if (most == 0 || getrlimit(resource, &limit) != 0) return;
  const Before before{resource, limit};
  limit.rlim_cur = std::min<rlim_t>(most, limit.rlim_max);
  if (setrlimit(resource, &limit) == 0) before_[count_++] = before;
}

TaskLimits::~TaskLimits() {
  while (count_ > 0) {
    const Before& before = before_[--count_];
    setrlimit(before.resource, &before.limit);
  }
}

}  // namespace flowrra
