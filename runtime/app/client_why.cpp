#include <algorithm>

#include "app/client.hpp"
#include "app/places.hpp"
#include "base/clock.hpp"

namespace flowrra {
namespace {

// An estimate is honest when enough tasks of the queue have ended, and lately.
constexpr int kSample = 200;
constexpr std::ptrdiff_t kEnough = 20;
constexpr Micros kLately = std::chrono::minutes(2);

// Tasks of the queue with one of these names that ended in a second.
Result<std::optional<double>> recent_rate(Backend& backend, const std::string& queue,
                                          const std::vector<std::string>& names, WallTime now) {
  ListQuery query;
  query.queue = queue;
  query.order = ListQuery::Order::finished_last;
  query.limit = kSample;
  auto ended = backend.list(query);
  if (!ended) return ended.error();
  std::erase_if(*ended, [&](const TaskRecord& record) { return !std::ranges::binary_search(names, record.name); });
  const auto old = std::ranges::find_if(
      *ended, [&](const TaskRecord& record) { return !record.finished_at || now - *record.finished_at > kLately; });
  const auto count = old - ended->begin();
  if (count < kEnough) return std::optional<double>();
  const Micros span = now - *(*ended)[static_cast<std::size_t>(count - 1)].finished_at;
  if (span <= Micros(0)) return std::optional<double>();
  return std::optional(static_cast<double>(count) * 1e6 / static_cast<double>(span.count()));
}

}  // namespace

Result<Why> Client::why(const TaskId& id) {
  auto record = find(id);
  if (!record) return record.error();
  WhyInput input;
  input.record = *std::move(record);
  auto nodes = this->nodes();
  if (!nodes) return nodes.error();
  input.nodes = node_views(*std::move(nodes));
  auto paused = paused_queues();
  if (!paused) return paused.error();
  input.paused = *std::move(paused);
  const auto specs = store_->directory().specs();
  if (!specs) return specs.error();
  if (const auto own = std::ranges::find(*specs, input.record.name, &TaskSpec::name); own != specs->end()) {
    input.spec = *own;
  }
  count_room(input.nodes, *specs);
  const auto rivals = rivals_of(input.record, input.nodes, *specs);
  const auto ahead = store_->broker().ahead_of(input.record.id, rivals);
  if (!ahead) return ahead.error();
  input.ahead = *ahead;
  input.now = system_clock().wall();
  if (input.record.state == State::pending) {
    auto results = backend();
    if (!results) return results.error();
    auto rate = recent_rate(**results, input.record.queue, rivals, input.now);
    if (!rate) return rate.error();
    input.rate = *rate;
  }
  return explain(input);
}

}  // namespace flowrra
