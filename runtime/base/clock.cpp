#include "base/clock.hpp"

#include <time.h>

#include <array>
#include <cstdio>

namespace flowrra {
namespace {

Micros read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + Micros(now.tv_nsec / 1000);
}

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const override { return WallTime(read_clock(CLOCK_REALTIME)); }
  [[nodiscard]] BootTime boot() const override { return BootTime(read_clock(CLOCK_BOOTTIME)); }
};

// Takes digits from the front of `text`; false when there are fewer than `count`.
bool take_number(std::string_view& text, int count, int& value) {
  if (static_cast<int>(text.size()) < count) return false;
  value = 0;
  for (int i = 0; i < count; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(static_cast<std::size_t>(count));
  return true;
}

bool take_char(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

Micros take_fraction(std::string_view& text) {
  std::int64_t micros = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 6) micros = micros * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  for (; digits < 6; ++digits) micros *= 10;
  return Micros(micros);
}

// "Z", "+02:00" or "-0530": minutes east of UTC.
bool take_offset(std::string_view& text, int& minutes) {
  minutes = 0;
  if (take_char(text, "Zz")) return true;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hours = 0;
  int rest = 0;
  if (!take_number(text, 2, hours)) return false;
  take_char(text, ":");
  if (!take_number(text, 2, rest) || hours > 23 || rest > 59) return false;
  minutes = sign * (hours * 60 + rest);
  return true;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::int64_t to_micros(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall_from_micros(std::int64_t micros) { return WallTime(Micros(micros)); }

std::string to_rfc3339(WallTime time) {
  const std::int64_t micros = to_micros(time);
  std::int64_t seconds = micros / 1'000'000;
  std::int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  const auto unix_seconds = static_cast<time_t>(seconds);
  tm parts{};
  gmtime_r(&unix_seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(rest));
  return text.data();
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  tm parts{};
  if (!take_number(text, 4, parts.tm_year) || !take_char(text, "-") || !take_number(text, 2, parts.tm_mon) ||
      !take_char(text, "-") || !take_number(text, 2, parts.tm_mday) || !take_char(text, "Tt ") ||
      !take_number(text, 2, parts.tm_hour) || !take_char(text, ":") || !take_number(text, 2, parts.tm_min)) {
    return std::nullopt;
  }
  if (take_char(text, ":") && !take_number(text, 2, parts.tm_sec)) return std::nullopt;
  const Micros fraction = take_char(text, ".") ? take_fraction(text) : Micros(0);
  int offset_minutes = 0;
  if (!take_offset(text, offset_minutes) || !text.empty()) return std::nullopt;
  if (parts.tm_mon < 1 || parts.tm_mon > 12 || parts.tm_mday < 1 || parts.tm_hour > 23 || parts.tm_min > 59 ||
      parts.tm_sec > 60) {
    return std::nullopt;
  }
  const tm asked = parts;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const time_t seconds = timegm(&parts);
  if (parts.tm_mday != asked.tm_mday) return std::nullopt;  // February 30th
  return WallTime(std::chrono::seconds(seconds) - std::chrono::minutes(offset_minutes) + fraction);
}

}  // namespace flowrra
