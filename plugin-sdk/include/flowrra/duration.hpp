#pragma once

// std::chrono durations as JSON: a number of seconds, or text as the command line and flowrra.toml take it: "90",
// "1.5h", "250ms".

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "flowrra/place.hpp"

namespace flowrra::inline sdk::detail {

inline constexpr double kLongestSeconds = 100.0 * 365.25 * 86400;

// Seconds from text; nothing when it is no duration. Without a unit it counts seconds.
inline std::optional<double> parse_seconds(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 8> kUnits{
      {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}}};
  if (text.empty() || (text.front() != '.' && (text.front() < '0' || text.front() > '9'))) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  for (const auto& [name, factor] : kUnits)
    if (name == text) return value * factor;
  return std::nullopt;
}

template <Duration T>
constexpr double tick_seconds() {
  return static_cast<double>(T::period::num) / static_cast<double>(T::period::den);
}

// The longest time that T may be given: what it can count, and no more than 100 years.
template <Duration T>
constexpr double longest_seconds() {
  if constexpr (std::floating_point<typename T::rep>) {
    return kLongestSeconds;
  } else {
    return std::min(kLongestSeconds,
                    static_cast<double>(std::numeric_limits<typename T::rep>::max()) * tick_seconds<T>());
  }
}

inline std::string shortest(double number) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

// A duration that T cannot hold exactly is refused, not rounded: 1.5 s are no std::chrono::seconds.
template <Duration T>
T decode_duration(const Json& json, const Path& path) {
  std::optional<double> seconds;
  if (json.is_number()) seconds = json.get<double>();
  if (json.is_string()) seconds = parse_seconds(json.get_ref<const std::string&>());
  if (!seconds || !(*seconds >= 0) || *seconds > kLongestSeconds)
    path.refuse("seconds, or text such as \"90s\", \"1.5h\" or \"250ms\" of at most 100 years", json);
  using Period = typename T::period;
  using Rep = typename T::rep;
  const double count = *seconds * static_cast<double>(Period::den) / static_cast<double>(Period::num);
  if constexpr (std::floating_point<Rep>) {
    return T(static_cast<Rep>(count));
  } else {
    const double whole = std::round(count);
    if (std::abs(count - whole) > 1e-9 * std::max(1.0, count))
      path.refuse("a multiple of " + shortest(tick_seconds<T>()) + " seconds", json);
    if (whole >= std::ldexp(1.0, std::numeric_limits<Rep>::digits)) path.refuse("a shorter time", json);
    return T(static_cast<Rep>(whole));
  }
}

}  // namespace flowrra::inline sdk::detail
