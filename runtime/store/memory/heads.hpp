#pragma once

#include <queue>
#include <set>
#include <utility>

#include "store/memory/shared.hpp"

namespace flowrra::memory {

// The (priority, seq) of the lanes' pending tasks, best first.
class Heads {
 public:
  void add(const Shared::Lane& lane) {
    if (!lane.ready.empty()) heads_.push({lane.ready.begin(), lane.ready.end()});
  }
  bool next(std::int64_t& seq) {
    if (heads_.empty()) return false;
    Head head = heads_.top();
    heads_.pop();
    seq = head.at->second;
    if (++head.at != head.end) heads_.push(head);
    return true;
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
