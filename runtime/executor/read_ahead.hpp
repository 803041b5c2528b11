#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace flowrra {

// How many jobs to hold beyond the free slots, so that batches stay large while jobs are short: as many as finished in
// the last 20 ms, at most 1,000. Long jobs do not count, however many end at once: what is held behind them would not
// begin, while another node could run it. And what was read ahead for short jobs and turns out to be long is to be
// handed back, or one node would sit on work that others have room for.
class ReadAhead {
 public:
  static constexpr int kMost = 1000;
  static constexpr Micros kLong = std::chrono::milliseconds(100);  // more than a short job waits among many in a host

  static constexpr Micros kStale = std::chrono::milliseconds(200);

  // `ran`: how long the job was with its host.
  void finished(BootTime now, Micros ran) {
    if (ran >= kLong) return;
    roll(now);
    ++counts_[at(tick(now))];
    last_short_ = now;
  }

  [[nodiscard]] int allowance(BootTime now) {
    roll(now);
    int sum = 0;
    for (const int count : counts_) sum += count;
    return std::min(sum, kMost);
  }

  // No short job has ended for so long that those which are held beyond the slots are none.
  [[nodiscard]] bool is_stale(BootTime now) const { return last_short_ && now - *last_short_ >= kStale; }

 private:
  static constexpr std::int64_t kTicks = 4;  // of 5 ms
  static std::int64_t tick(BootTime now) { return now.time_since_epoch().count() / 5000; }
  static std::size_t at(std::int64_t tick) { return static_cast<std::size_t>(tick % kTicks); }

  void roll(BootTime now) {
    const std::int64_t current = tick(now);
    for (std::int64_t i = std::max(last_ + 1, current - kTicks + 1); i <= current; ++i) counts_[at(i)] = 0;
    last_ = current;
  }

  std::array<int, kTicks> counts_{};
  std::int64_t last_ = 0;
  std::optional<BootTime> last_short_;
};

}  // namespace flowrra
