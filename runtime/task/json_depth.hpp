#pragma once

#include <algorithm>

namespace flowrra {

// True for a JSON value of more than `levels` levels of lists and objects; looks no deeper than that. nlohmann-json
// reads and frees values of any depth, but writes, copies and compares them by recursion: ask this first.
template <typename Json>
bool deeper_than(int levels, const Json& value) {
  if (!value.is_structured()) return false;
  return levels == 0 ||
         std::any_of(value.begin(), value.end(), [levels](const Json& part) { return deeper_than(levels - 1, part); });
}

}  // namespace flowrra
