#include "base/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace flowrra {
namespace {

constexpr double kLongest = 100.0 * 365.25 * 86400;
constexpr double kLargest = 9007199254740992.0;  // 2^53: every count up to here is exact in a double

// A decimal number without sign at the front of `text`, which then holds what follows it, blanks skipped.
std::optional<double> take_number(std::string_view& text) {
  if (text.empty() || (text.front() != '.' && (text.front() < '0' || text.front() > '9'))) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return value;
}

template <std::size_t N>
std::optional<double> factor(const std::array<std::pair<std::string_view, double>, N>& units, std::string_view unit) {
  for (const auto& [name, value] : units) {
    if (name == unit) return value;
  }
  return std::nullopt;
}

std::string number(double value, const char* unit) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3g%s", value, unit);
  return text.data();
}

}  // namespace

std::optional<Micros> from_seconds(double seconds) {
  if (!(seconds >= 0) || seconds > kLongest) return std::nullopt;
  return Micros(std::llround(seconds * 1e6));
}

std::optional<Micros> parse_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 8> kUnits{
      {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}}};
  const auto value = take_number(text);
  const auto unit = factor(kUnits, text);
  if (!value || !unit) return std::nullopt;
  return from_seconds(*value * *unit);
}

std::string to_text(Micros duration) {
  const double seconds = static_cast<double>(duration.count()) / 1e6;
  if (seconds < 0) return "-" + to_text(-duration);
  if (seconds < 1) return number(seconds * 1e3, "ms");
  if (seconds < 60) return number(seconds, "s");
  const std::int64_t whole = duration.count() / 1'000'000;
  const auto two = [](std::int64_t high, const char* high_unit, std::int64_t low, const char* low_unit) {
    std::string out = std::to_string(high) + high_unit;
    if (low > 0) out += " " + std::to_string(low) + low_unit;
    return out;
  };
  if (whole < 3600) return two(whole / 60, "m", whole % 60, "s");
  if (whole < 86400) return two(whole / 3600, "h", whole % 3600 / 60, "m");
  return two(whole / 86400, "d", whole % 86400 / 3600, "h");
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr double kKi = 1024;
  constexpr std::array<std::pair<std::string_view, double>, 15> kUnits{{{"", 1},
                                                                        {"B", 1},
                                                                        {"K", kKi},
                                                                        {"KiB", kKi},
                                                                        {"M", kKi * kKi},
                                                                        {"MiB", kKi * kKi},
                                                                        {"G", kKi * kKi * kKi},
                                                                        {"GiB", kKi * kKi * kKi},
                                                                        {"T", kKi * kKi * kKi * kKi},
                                                                        {"TiB", kKi * kKi * kKi * kKi},
                                                                        {"kB", 1e3},
                                                                        {"KB", 1e3},
                                                                        {"MB", 1e6},
                                                                        {"GB", 1e9},
                                                                        {"TB", 1e12}}};
  const auto value = take_number(text);
  const auto unit = factor(kUnits, text);
  if (!value || !unit) return std::nullopt;
  const double bytes = *value * *unit;
  if (bytes > kLargest) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(bytes));
}

}  // namespace flowrra
