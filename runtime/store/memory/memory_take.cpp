// What of a memory broker chooses tasks and leases them.

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "store/memory/memory_broker.hpp"

namespace flowrra::memory {

// What the session was given in an exchange whose answer never came.
void MemoryBroker::hand_back(const TakeRequest& request, bool keep_results) {
  Settlement back;
  back.to = State::pending;
  back.refund_attempt = true;
  const std::unordered_set<std::string_view> holds(request.holds->begin(), request.holds->end());
  const auto running = state_->running;
  for (const auto seq : running) {
    Row& row = state_->rows.at(seq);
    if (row.session != request.session) continue;
    if (holds.contains(row.record.id)) continue;
    if (!settle_row(row, back, keep_results)) continue;
    is_final(row.standing.state) ? state_->ring_backend() : state_->ring_broker();
  }
}

// The pending tasks that the want may have, by queue.
std::vector<Heads> MemoryBroker::heads_of(const TakeRequest& request, const TakeRequest::Want& want, bool shared) {
  std::vector<Heads> out(shared ? request.queues.size() : 1);
  for (std::size_t i = 0; i < request.queues.size(); ++i) {
    if (state_->paused.contains(request.queues[i])) continue;
    for (const auto& name : want.names) {
      const auto lane = state_->lanes.find({request.queues[i], name});
      if (lane != state_->lanes.end()) out[shared ? i : 0].add(lane->second);
    }
  }
  return out;
}

void MemoryBroker::take_into(const TakeRequest& request, ExchangeAnswer& answer) {
  const bool shared = is_shared(request.weights, request.queues.size());
  const WallTime now = clock_.wall();
  for (const auto& want : request.wants) {
    auto heads = heads_of(request, want, shared);
    FairShare share(shared ? request.weights : std::vector<int>{1}, want.credits);
    std::vector<std::int64_t> best;
    while (std::ssize(best) < want.limit) {
      const auto turn = share.next([&](std::size_t i) { return !heads[i].empty(); });
      if (!turn) break;
      best.push_back(heads[*turn].take());
    }
    if (shared) answer.credits.push_back(share.credits());
    answer.taken.reserve(answer.taken.size() + best.size());
    for (const auto seq : best) take_one(request, state_->rows.at(seq), now, answer.taken);
  }
}

void MemoryBroker::take_one(const TakeRequest& request, Row& row, WallTime now, std::vector<LeasedTask>& taken) {
  if (!state_->move(row, [&](Standing& task) { return lease(task, now); })) return;
  row.session = request.session;
  row.record.node = request.node;
  row.record.progress.clear();
  LeasedTask& out = taken.emplace_back();
  out.lease = {row.record.id, request.session, row.standing.counter, row.seq};
  out.task = record_of(row);
  out.refunds = row.standing.refunds;
  out.suspect = row.standing.suspect;
}

Result<std::int64_t> MemoryBroker::ahead_of(const TaskId& id, const std::vector<std::string>& names) {
  const std::scoped_lock lock(state_->mutex);
  const Row* mine = state_->find(id);
  if (mine == nullptr || mine->standing.state != State::pending) return std::int64_t{0};
  const std::pair place(mine->record.priority, mine->seq);
  std::int64_t count = 0;
  for (const auto& [key, lane] : state_->lanes) {
    if (key.first != mine->record.queue || std::ranges::find(names, key.second) == names.end()) continue;
    count += std::distance(lane.ready.begin(), lane.ready.lower_bound(place));
  }
  return count;
}

}  // namespace flowrra::memory
