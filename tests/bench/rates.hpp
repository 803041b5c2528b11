#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

// What benchmarks share: the arguments of their tasks, and arithmetic.
namespace flowrra::bench {

inline const std::string kArgs = "[\"" + std::string(28, 'x') + "\"]";  // 32 bytes

inline double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double per_second(int count, const std::function<void()>& work) { return count / seconds_of(work); }

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

}  // namespace flowrra::bench
