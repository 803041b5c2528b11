#pragma once

// The name that somebody probably meant.

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowrra::inline sdk::detail {

// How many letters have to be added, left out or replaced to make `b` of `a`.
inline std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// "; did you mean inside?", or nothing when no name is near.
template <class Names>
std::string did_you_mean(std::string_view given, const Names& names) {
  std::string_view best;
  std::size_t least = std::min<std::size_t>(given.size(), 64) / 3 + 1;
  for (const std::string_view name : names) {
    if (given.size() > 64 || edits(given, name) > least) continue;
    least = edits(given, name);
    best = name;
  }
  return best.empty() ? std::string() : "; did you mean " + std::string(best) + "?";
}

}  // namespace flowrra::inline sdk::detail
