#pragma once

#include <queue>

#include "store/memory/shared.hpp"

namespace flowrra::memory {

// The pending tasks of several lanes, best first: by priority, then by arrival. The lanes do not change meanwhile.
class Heads {
 public:
  void add(const Lane& lane) {
    if (!lane.ready.empty()) heads_.push({lane.ready.begin(), lane.ready.end()});
  }
  [[nodiscard]] bool empty() const { return heads_.empty(); }
  // The seq of the best one.
  std::int64_t take() {
    Head head = heads_.top();
    heads_.pop();
    const std::int64_t seq = head.at->second;
    if (++head.at != head.end) heads_.push(head);
    return seq;
  }

 private:
  using At = std::set<std::pair<int, std::int64_t>>::const_iterator;
  struct Head {
    At at, end;
    bool operator<(const Head& other) const { return *other.at < *at; }
  };
  std::priority_queue<Head> heads_;
};

}  // namespace flowrra::memory
