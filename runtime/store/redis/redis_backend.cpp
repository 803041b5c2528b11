#include "store/redis/redis_backend.hpp"

#include <algorithm>

#include "store/redis/listing.hpp"
#include "store/refusals.hpp"

namespace flowrra::redis {
namespace {

// What a line says of the task that is awaited: it has ended, without an error, and told of no progress. Nothing where
// it is of another task of that id.
std::optional<TaskRecord> told_of(std::string_view line, const TaskRecord& awaited) {
  Stored told = read_stored(awaited.id, line, {});
  TaskRecord& out = told.task;
  if (!told.damage.empty() || told.tombstone || !is_final(out.state)) return std::nullopt;
  const bool has_new_id = awaited.submitted_at == WallTime();
  if (!has_new_id && out.submitted_at != awaited.submitted_at) return std::nullopt;
  out.options = awaited.options;
  out.tags = awaited.tags;
  return std::move(out);
}

}  // namespace

Status RedisBackend::store(std::span<const TaskRecord> records) {
  if (auto fits = storable(records); !fits) return fits;
  if (records.empty()) return {};
  Arguments words = engine_.arguments();
  for (const TaskRecord& record : records) {
    words.add(record.id).add(record.attempt);
    record.started_at ? words.add(to_micros(*record.started_at)) : words.add("-");
    words.own(finished_line(record)).own(extra_text(record.options, record.tags));
    words.own(error_text(record.error)).add(record.progress).add(record.log);
  }
  const auto stored = engine_.run(engine_.scripts.store, words);
  if (!stored) return stored.error();
  const std::string_view open = stored->view().text();
  return open.empty() ? Status() : Status(still_open(TaskId(open)));
}

Result<std::optional<TaskRecord>> RedisBackend::get(const TaskId& id) {
  return Listing(engine_, Shown::outcomes).find(id);
}

Result<std::vector<TaskRecord>> RedisBackend::list(const ListQuery& query) {
  return Listing(engine_, Shown::outcomes).list(query);
}

Result<std::vector<bool>> RedisBackend::remove(std::span<const TaskId> ids) {
  Arguments words = engine_.arguments();
  for (const TaskId& id : ids) words.add(id);
  auto reply = engine_.run_once(engine_.scripts.remove, words);
  if (!reply) return reply.error();
  std::vector<bool> out(ids.size());
  const std::string_view digits = reply->view().text();
  for (std::size_t i = 0; i < std::min(out.size(), digits.size()); ++i) out[i] = digits[i] == '1';
  return out;
}

Result<int> RedisBackend::remove_older(Micros age, int limit) { return remove_ended(age, limit); }

// A message is "ID LINE" of the one task that has ended, with its texts, or empty.
Backend::Heard RedisBackend::hear(const TaskRecord& awaited) {
  const Listener::Heard heard = bell_.hear();
  Heard out{.look = heard.missed, .ended = std::nullopt};
  for (const std::string_view message : heard.messages) {
    const std::size_t end = message.find(' ');
    const bool is_whole = end != std::string_view::npos && !awaited.id.empty();
    if (is_whole && message.substr(0, end) != awaited.id) continue;
    if (is_whole) out.ended = told_of(message.substr(end + 1), awaited);
    if (!out.ended) out.look = true;
  }
  return out;
}

// In steps, so that the server is not held up by a great many.
Status RedisBackend::clear() {
  constexpr int kStep = 500;
  for (;;) {
    const auto removed = remove_ended(std::nullopt, kStep);
    if (!removed) return removed.error();
    if (*removed < kStep) return {};
  }
}

Result<int> RedisBackend::remove_ended(const std::optional<Micros>& age, int limit) {
  Arguments words = engine_.arguments();
  age ? words.add(*age) : words.add("");
  words.add(limit);
  auto reply = engine_.run_once(engine_.scripts.remove_older, words);
  if (!reply) return reply.error();
  return static_cast<int>(reply->view().number());
}

}  // namespace flowrra::redis
