#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace flowrra {

using Micros = std::chrono::microseconds;

// Two kinds of time that cannot be mixed by accident.
// Wall time is what people read; it may jump. Boot time counts from the machine's start, sleep included, and never
// jumps: leases and delays are measured with it.
struct WallClock {
  using duration = Micros;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
};
struct BootClock {
  using duration = Micros;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using WallTime = WallClock::time_point;
using BootTime = BootClock::time_point;

// Where the time comes from; tests give their own. [any thread]
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall() const = 0;
  [[nodiscard]] virtual BootTime boot() const = 0;
};

// The machine's clocks (CLOCK_REALTIME, CLOCK_BOOTTIME). Lives for ever.
const Clock& system_clock();

// Wall time as microseconds since 1970, the stored form, and back.
std::int64_t to_micros(WallTime time);
WallTime wall_from_micros(std::int64_t micros);

// RFC 3339 in UTC with microseconds: "2026-01-31T08:15:00.250000Z".
std::string to_rfc3339(WallTime time);

// Reads RFC 3339 ("2026-01-31T08:15:00Z", offset or Z required, fraction optional, a blank or T between date and time).
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace flowrra
