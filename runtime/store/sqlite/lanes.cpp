#include "store/sqlite/lanes.hpp"

#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {

#define SUMS                                                                                                    \
  "coalesce(sum(scheduled),0), coalesce(sum(pending),0), coalesce(sum(running),0), coalesce(sum(retrying),0), " \
  "coalesce(sum(success),0), coalesce(sum(failed),0), coalesce(sum(cancelled),0), coalesce(sum(expired),0)"

namespace {

std::string change_sql(const std::vector<State>& states) {
  std::string set;
  for (const State state : states) {
    const std::string column(name(state));
    set += (set.empty() ? "" : ", ") + column + " = " + column + " + ?";
  }
  return "UPDATE lane SET " + set + " WHERE id = ?";
}

}  // namespace

Lanes::Lanes(Connection& connection)
    : connection_(connection),
      find_(connection, "SELECT id FROM lane WHERE queue = ?1 AND name = ?2"),
      add_(connection, "INSERT INTO lane (queue, name) VALUES (?1, ?2) RETURNING id"),
      get_(connection, "SELECT queue, name FROM lane WHERE id = ?1"),
      paused_(connection, "SELECT 1 FROM paused_queue WHERE name = ?1"),
      with_pending_(connection,
                    "SELECT id FROM lane WHERE pending > 0"
                    " AND NOT EXISTS (SELECT 1 FROM paused_queue WHERE paused_queue.name = lane.queue)"),
      with_due_(connection,
                "SELECT id FROM lane WHERE (scheduled > 0 OR retrying > 0)"
                " AND NOT EXISTS (SELECT 1 FROM paused_queue WHERE paused_queue.name = lane.queue)"),
      waiting_(connection, "SELECT coalesce(sum(scheduled + pending + retrying), 0) FROM lane WHERE queue = ?1"),
      totals_(connection, "SELECT " SUMS " FROM lane"),
      counts_(connection, "SELECT queue, name, " SUMS " FROM lane GROUP BY queue, name ORDER BY queue, name"),
      recount_(connection,
               "UPDATE lane SET pending = now.count FROM (SELECT l.id, (SELECT count(*) FROM task INDEXED BY task_ready"
               " WHERE state = 1 AND lane = l.id) AS count FROM lane AS l) AS now"
               " WHERE lane.id = now.id AND lane.pending <> now.count") {}

#undef SUMS

LaneId Lanes::find_or_add(const std::string& queue, const std::string& name) {
  if (const auto known = ids_.find({queue, name}); known != ids_.end()) return known->second;
  for (Statement* statement : {&find_, &add_}) {
    Rows rows = statement->query(queue, name);
    if (!rows.next()) continue;
    const LaneId id = rows.integer(0);
    rows.next();  // an INSERT … RETURNING is done only at its end
    remember(id, queue, name);
    return id;
  }
  return 0;
}

const Lanes::Lane& Lanes::at(LaneId id) {
  if (const auto known = lanes_.find(id); known != lanes_.end()) return known->second;
  static const Lane kNone;
  Rows rows = get_.query(id);
  if (!rows.next()) return kNone;
  remember(id, rows.text(0), rows.text(1));
  return lanes_.at(id);
}

void Lanes::remember(LaneId id, const std::string& queue, const std::string& name) {
  ids_[{queue, name}] = id;
  lanes_[id] = {queue, name};
}

std::vector<LaneId> Lanes::with_pending() {
  std::vector<LaneId> out;
  for (const auto& [lane, by] : changes_) {
    if (by[static_cast<std::size_t>(State::pending)] <= 0) continue;
    if (!paused_.query(at(lane).queue).next()) out.push_back(lane);
  }
  Rows rows = with_pending_.query();
  while (rows.next()) {
    const LaneId lane = rows.integer(0);
    const auto changed = changes_.find(lane);
    if (changed == changes_.end() || changed->second[static_cast<std::size_t>(State::pending)] <= 0)
      out.push_back(lane);
  }
  return out;
}

std::vector<LaneId> Lanes::with_due() {
  std::vector<LaneId> out;
  Rows rows = with_due_.query();
  while (rows.next()) out.push_back(rows.integer(0));
  return out;
}

std::int64_t Lanes::waiting(const std::string& queue) {
  Rows rows = waiting_.query(queue);
  return rows.next() ? rows.integer(0) : 0;
}

std::int64_t Lanes::count(const std::vector<State>& states) {
  Rows rows = totals_.query();
  if (!rows.next()) return 0;
  std::int64_t sum = 0;
  for (const State state : states) sum += rows.integer(static_cast<int>(state));
  return sum;
}

std::vector<StateCount> Lanes::counts() {
  std::vector<StateCount> out;
  Rows rows = counts_.query();
  while (rows.next()) {
    for (const State state : kStates) {
      const std::int64_t count = rows.integer(static_cast<int>(state) + 2);
      if (count > 0) out.push_back({rows.text(0), rows.text(1), state, count});
    }
  }
  return out;
}

void Lanes::flush() {
  for (const auto& [lane, by] : changes_) {
    std::vector<State> states;
    std::vector<std::int64_t> values;
    for (const State state : kStates) {
      const std::int64_t change = by[static_cast<std::size_t>(state)];
      if (change == 0) continue;
      states.push_back(state);
      values.push_back(change);
    }
    if (states.empty()) continue;
    values.push_back(lane);
    change_of(states).run(values);
  }
  changes_.clear();
}

Statement& Lanes::change_of(const std::vector<State>& states) {
  auto known = change_statements_.find(states);
  if (known == change_statements_.end())
    known = change_statements_.try_emplace(states, connection_, change_sql(states)).first;
  return known->second.statement;
}

void Lanes::forget() {
  changes_.clear();
  ids_.clear();
  lanes_.clear();
}

}  // namespace flowrra::sqlite
