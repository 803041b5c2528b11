#include "base/process_stat.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/fd.hpp"

namespace flowrra {
namespace {

BootTime boot_time(std::int64_t ticks) { return BootTime(Micros(ticks * (1'000'000 / sysconf(_SC_CLK_TCK)))); }

}  // namespace

BootTime ProcessStat::started_after() const { return boot_time(start); }
BootTime ProcessStat::started_before() const { return boot_time(start + 1); }

std::string process_file(pid_t pid, const char* name) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string out;
  std::array<char, 4096> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (;;) {
    const ssize_t got = fd ? read(fd.get(), bytes.data(), bytes.size()) : 0;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return out;
    out.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

std::optional<ProcessStat> process_stat(pid_t pid) {
  const std::string text = process_file(pid, "stat");
  std::size_t at = text.rfind(')');  // the name before it may hold anything
  if (at == std::string::npos || at + 2 >= text.size()) return std::nullopt;
  ProcessStat out;
  out.state = text[at + 2];
  constexpr unsigned long kExiting = 4;  // PF_EXITING
  for (int field = 2; at != std::string::npos && field < 22; ++field) {
    at = text.find(' ', at + 1);
    if (field == 8) out.exiting = (std::strtoul(text.c_str() + at, nullptr, 10) & kExiting) != 0;
  }
  if (at != std::string::npos) out.start = std::strtoll(text.c_str() + at, nullptr, 10);
  return out;
}

}  // namespace flowrra
