#include "flags.hpp"

#include <time.h>

#include "base/log.hpp"
#include "base/units.hpp"

namespace flowrra::cli {
namespace {

// Local time without an offset; nothing for other text and for days that are not in the calendar.
std::optional<WallTime> parse_local(const std::string& text) {
  for (const char* form : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"}) {
    tm parts{};
    const char* end = strptime(text.c_str(), form, &parts);
    if (end == nullptr || *end != '\0') continue;
    const int day = parts.tm_mday;
    parts.tm_isdst = -1;
    const time_t seconds = mktime(&parts);
    if (seconds == -1 || parts.tm_mday != day) return std::nullopt;
    return WallTime(std::chrono::seconds(seconds));
  }
  return std::nullopt;
}

Error not_understood(const char* flag, const std::string& text, const char* hint) {
  return {Code::usage, std::string(flag) + " '" + log::escaped(text.substr(0, 60)) + "' is not understood", hint};
}

}  // namespace

Result<std::optional<Micros>> duration_flag(const char* flag, const std::string& text) {
  if (text.empty()) return std::optional<Micros>();
  const auto duration = parse_duration(text);
  if (!duration)
    return not_understood(flag, text, "Write seconds (90, 1.5) or a unit: 250ms, 10s, 5m, 2h, 1d; at most 100 years.");
  return duration;
}

Result<std::optional<WallTime>> time_flag(const char* flag, const std::string& text) {
  if (text.empty()) return std::optional<WallTime>();
  auto time = parse_rfc3339(text);
  if (!time) time = parse_local(text);
  if (!time) {
    return not_understood(flag, text, "Write \"2026-01-31 08:15\" (local time) or 2026-01-31T08:15:00Z (RFC 3339).");
  }
  return time;
}

}  // namespace flowrra::cli
