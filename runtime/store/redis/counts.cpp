#include "store/redis/counts.hpp"

#include <optional>
#include <string>

namespace flowrra::redis {
namespace {

std::optional<State> state_of(char digit) {
  const int state = digit - '0';
  if (state < 0 || state >= std::ssize(kStates)) return std::nullopt;
  return kStates[static_cast<std::size_t>(state)];
}

}  // namespace

void CountSums::add(std::string_view field, std::int64_t number) {
  const auto first = field.find(':');
  const auto last = field.rfind(':');
  if (first == std::string_view::npos || last <= first) return;
  const Lane lane(field.substr(0, first), field.substr(first + 1, last - first - 1));
  const std::string_view states = field.substr(last + 1);
  if (states.empty() || states.size() > 2) return;
  const auto from = state_of(states.front());
  const auto to = state_of(states.back());
  if (!from || !to) return;
  counts_[{lane, *to}] += number;
  if (states.size() == 2) counts_[{lane, *from}] -= number;
}

std::vector<StateCount> CountSums::sums() const {
  std::vector<StateCount> out;
  for (const auto& [key, number] : counts_) {
    const auto& [lane, state] = key;
    if (number != 0) out.push_back(StateCount{std::string(lane.first), std::string(lane.second), state, number});
  }
  return out;
}

Result<std::vector<StateCount>> stored_counts(Engine& engine) {
  auto reply = engine.read("HGETALL", "count");
  if (!reply) return reply.error();
  CountSums counts;
  for (std::size_t i = 0; i + 1 < reply->view().size(); i += 2) {
    counts.add(reply->view()[i].text(), reply->view()[i + 1].number());
  }
  return counts.sums();
}

}  // namespace flowrra::redis
