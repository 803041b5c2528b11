#pragma once

#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bench/rates.hpp"

namespace flowrra::bench {

// The first quartile, the median and the third, between neighbours in proportion.
inline std::array<double, 3> quartiles(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double above = values[std::min(below + 1, values.size() - 1)];
    return values[below] + (place - std::floor(place)) * (above - values[below]);
  };
  return {at(0.25), at(0.5), at(0.75)};
}

// What a figure is of. `series` is the plot it stands in, `what` the line there, `x` the place on that line.
struct Point {
  std::string series;
  std::string what;
  std::string unit;  // "/s", "us", "ms", "MiB", "%", …
  std::optional<double> x = std::nullopt;
};

// Appends one line of JSON to the file that FLOWRRA_BENCH_OUT names; does nothing where it names none. `rounds` has the
// figure of each round, `bare` that of the bare program in the same rounds: the ratio is the median of figure / bare.
// Which goal a figure has, and where the report shows it, is said in tests/bench/goals.py.
inline void record(const Point& point, const std::vector<double>& rounds, const std::vector<double>& bare = {}) {
  const char* path = std::getenv("FLOWRRA_BENCH_OUT");
  if (path == nullptr || *path == '\0' || rounds.empty()) return;
  std::ostringstream line;
  line.precision(6);
  line << R"({"series": ")" << point.series << R"(", "what": ")" << point.what << '"';
  if (point.x) line << ", \"x\": " << *point.x;
  const auto [low, middle, high] = quartiles(rounds);
  line << ", \"figure\": " << middle << ", \"low\": " << low << ", \"high\": " << high;
  line << R"(, "unit": ")" << point.unit << '"';
  if (bare.size() == rounds.size() && std::ranges::all_of(bare, [](double value) { return value > 0; })) {
    std::vector<double> ratios(rounds.size());
    for (std::size_t i = 0; i < rounds.size(); ++i) ratios[i] = rounds[i] / bare[i];
    const auto [ratio_low, ratio, ratio_high] = quartiles(ratios);
    line << ", \"bare\": " << quartiles(bare)[1] << ", \"ratio\": " << ratio;
    line << ", \"ratio_low\": " << ratio_low << ", \"ratio_high\": " << ratio_high;
  }
  line << "}\n";
  std::ofstream(path, std::ios::app) << line.str();
}

// A figure that was taken once.
inline void record(const Point& point, double figure) { record(point, std::vector<double>{figure}); }

}  // namespace flowrra::bench
