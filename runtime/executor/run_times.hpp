#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"

namespace flowrra {

// How long the tasks of each name took lately, and so how many of them may be sent to a host ahead of their turn: about
// 2 ms of work, and none of tasks that take 10 ms.
class RunTimes {
 public:
  static constexpr std::size_t kMostAhead = 32;

  void ended(const std::string& task, Micros ran) {
    const auto micros = static_cast<double>(ran.count());
    double& average = average_.try_emplace(task, micros).first->second;
    average += kWeight * (micros - average);
  }

  [[nodiscard]] std::size_t ahead(const std::string& task) const {
    const auto known = average_.find(task);
    if (known == average_.end() || known->second >= kShort) return 0;
    return std::clamp<std::size_t>(static_cast<std::size_t>(kWork / std::max(known->second, 1.0)), 1, kMostAhead);
  }

 private:
  static constexpr double kShort = 10'000;  // microseconds
  static constexpr double kWork = 2'000;    // microseconds
  static constexpr double kWeight = 0.2;    // of the newest run in the average
  std::unordered_map<std::string, double> average_;
};

}  // namespace flowrra
