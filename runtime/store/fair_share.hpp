#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace flowrra {

// Whose turn it is among queues of different weights: smooth weighted round robin, as nginx chooses among servers. With
// each turn every queue that has something earns its weight, the one with the most credit is served and pays for all.
// So turns are shared by weight over any stretch of time, none waits longer than its share, and what has nothing
// neither earns nor pays. Credits are carried from one claim to the next. Pure.
class FairShare {
 public:
  // Without credits of the right number all begin with none.
  FairShare(std::vector<int> weights, std::vector<int> credits)
      : weights_(std::move(weights)), credits_(std::move(credits)) {
    if (credits_.size() != weights_.size()) credits_.assign(weights_.size(), 0);
  }

  // The queue whose turn it is among those for which `has(index)`; nothing when there is none.
  template <typename Has>
  std::optional<std::size_t> next(const Has& has) {
    std::optional<std::size_t> best;
    int total = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      if (!has(i)) continue;
      credits_[i] += weights_[i];
      total += weights_[i];
      if (!best || credits_[i] > credits_[*best]) best = i;
    }
    if (best) credits_[*best] -= total;
    return best;
  }

  [[nodiscard]] const std::vector<int>& credits() const { return credits_; }

 private:
  std::vector<int> weights_;
  std::vector<int> credits_;
};

// True when places are to be shared: there are weights, one for each queue.
inline bool is_shared(const std::vector<int>& weights, std::size_t queues) {
  return !weights.empty() && weights.size() == queues;
}

}  // namespace flowrra
