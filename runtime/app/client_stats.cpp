#include <algorithm>

#include "app/client.hpp"
#include "base/clock.hpp"

namespace flowrra {
namespace {

// Records are read with their arguments and results: not all of a large sample at once.
constexpr int kPage = 500;

Status read_sample(Backend& backend, int limit, StatsInput& input) {
  ListQuery query;
  query.order = ListQuery::Order::finished_last;
  while (query.offset <= limit) {
    query.limit = std::min(kPage, limit + 1 - query.offset);
    const auto page = backend.list(query);
    if (!page) return page.error();
    for (const TaskRecord& record : *page) input.finished.push_back(finished_task(record));
    query.offset += query.limit;
    if (std::ssize(*page) < query.limit) break;
  }
  input.more_finished = std::ssize(input.finished) > limit;
  if (input.more_finished) input.finished.resize(static_cast<std::size_t>(limit));
  return {};
}

Status read_oldest(Broker& broker, StatsInput& input) {
  for (const StateCount& each : input.counts) {
    if (each.state != State::pending || each.count == 0 || input.oldest_pending.contains(each.queue)) continue;
    ListQuery query;
    query.states = {State::pending};
    query.queue = each.queue;
    query.order = ListQuery::Order::oldest;
    query.limit = 1;
    const auto oldest = broker.list(query);
    if (!oldest) return oldest.error();
    if (!oldest->empty()) input.oldest_pending[each.queue] = oldest->front().submitted_at;
  }
  return {};
}

}  // namespace

Result<Stats> Client::stats(int limit) {
  StatsInput input;
  auto counts = store_->broker().counts();
  if (!counts) return counts.error();
  input.counts = *std::move(counts);
  const auto stale = store_->broker().stale_counts();
  if (!stale) return stale.error();
  input.stale = *stale;
  auto results = backend();
  if (!results) return results.error();
  if (auto done = read_sample(**results, limit, input); !done) return done.error();
  if (auto done = read_oldest(store_->broker(), input); !done) return done.error();
  input.now = system_clock().wall();
  return make_stats(input);
}

}  // namespace flowrra
