#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "store/broker.hpp"
#include "store/redis/engine.hpp"

namespace flowrra::redis {

// Sums up the hash `count`: "queue:name:1" says how many tasks came into state 1, "queue:name:12" how many went from
// state 1 to state 2. Other fields are passed over. The texts must outlive it.
class CountSums {
 public:
  void add(std::string_view field, std::int64_t number);
  [[nodiscard]] std::vector<StateCount> sums() const;  // by queue, name and state; none that is 0

 private:
  using Lane = std::pair<std::string_view, std::string_view>;  // queue, name
  std::map<std::pair<Lane, State>, std::int64_t> counts_;
};

// How many tasks of each queue and name are in which state.
Result<std::vector<StateCount>> stored_counts(Engine& engine);

}  // namespace flowrra::redis
