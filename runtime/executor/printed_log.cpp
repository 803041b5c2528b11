#include "executor/printed_log.hpp"

#include <utility>

#include "base/log.hpp"
#include "executor/task_log.hpp"

namespace flowrra {

void PrintedLog::write(const std::string& host, const Job* job, std::string_view line) {
  if (!log::enabled(log::Level::info)) return;
  const BootTime now = clock_.boot();
  if (now - begun_ >= kWindow) {
    begun_ = now;
    bytes_ = 0;
    if (const auto count = std::exchange(left_out_, 0); count > 0) {
      log::warning(host + " printed " + std::to_string(count) + " lines more, which are left out of this log");
    }
  }
  bytes_ += line.size();
  if (bytes_ > kMost) {
    ++left_out_;
  } else {
    log_output(host, job, line);
  }
}

}  // namespace flowrra
