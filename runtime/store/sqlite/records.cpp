#include "store/sqlite/records.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/log.hpp"
#include "store/session_json.hpp"
#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {
namespace {

enum Column : int {
  kSeq,
  kId,
  kLane,
  kPriority,
  kAttempt,
  kAttemptsBefore,
  kCrashes,
  kRefunds,
  kSuspect,
  kLease,
  kSubmitted,
  kExpires,
  kKind,
  kOptions,
  kTags,
  kArgs,
  kState,
  kDue,
  kStarted,
  kFinished,
  kCpu,
  kRss,
  kNode,
  kErrorCode,
  kErrorMessage,
  kErrorCrash,
  kProgress,
  kResult,
  kCancel,
  kLog
};

void read_state(const Rows& rows, Record& out) {
  const auto state = rows.integer(kState);
  const bool known = state >= 0 && state < std::ssize(kStates);
  out.task.state = known ? kStates[static_cast<std::size_t>(state)] : State::failed;
  if (!known) out.damage = "state";
}

void read_coded(const Rows& rows, Record& out) {
  if (const auto kind = rows.integer(kKind); kind == 1 || kind == 2) {
    out.task.kind = static_cast<Kind>(kind);
  } else if (!rows.is_null(kKind)) {
    out.damage = "kind";
  }
  if (const auto text = rows.view(kOptions); !text.empty()) {
    auto options = options_from_json(text);
    if (options) out.task.options = *options;
    if (!options) out.damage = "options";
  }
  if (const auto text = rows.view(kTags); !text.empty()) {
    auto tags = list_from_json(text);
    if (tags) out.task.tags = std::move(*tags);
    if (!tags) out.damage = "tags";
  }
}

void read_outcome(const Rows& rows, TaskRecord& out) {
  if (!rows.is_null(kErrorCode)) {
    out.error = TaskError{rows.text(kErrorCode), rows.text(kErrorMessage), rows.text(kErrorCrash)};
  }
  if (!rows.is_null(kCpu)) out.resources = Resources{rows.real(kCpu), static_cast<std::uint64_t>(rows.integer(kRss))};
  out.progress = rows.text(kProgress);
  out.result = rows.text(kResult);
}

std::string join(const std::vector<State>& states) {
  std::string out;
  for (const State state : states) out += (out.empty() ? "" : ",") + std::to_string(static_cast<int>(state));
  return out;
}

std::string in_states(const std::vector<State>& states) { return " AND state IN (" + join(states) + ")"; }

// The index holds one state after the other: the last of each, and of these the last. Only sequence numbers are sorted.
std::string finished_last(const std::vector<State>& states, const std::string& terms) {
  std::string parts;
  for (const State state : states) {
    parts += parts.empty() ? "" : " UNION ALL ";
    parts += "SELECT * FROM (SELECT seq, finished_at FROM task INDEXED BY task_finished WHERE state >= 4 AND state = " +
             std::to_string(static_cast<int>(state)) + terms + " ORDER BY finished_at DESC LIMIT ?4 + ?5)";
  }
  const std::string order = " ORDER BY finished_at DESC, seq DESC";
  return "task WHERE seq IN (SELECT seq FROM (" + parts + ")" + order + " LIMIT ?4 OFFSET ?5)" + order;
}

// Up to this many rows are sorted rather than looked for through the whole table.
constexpr std::int64_t kFewRows = 2000;

}  // namespace

void read_claim(const Rows& rows, Lanes& lanes, Record& out) {
  out.seq = rows.integer(kSeq);
  out.lane = rows.integer(kLane);
  out.refunds = rows.small(kRefunds);
  out.suspect = rows.integer(kSuspect) != 0;
  out.lease = static_cast<std::uint64_t>(rows.integer(kLease));
  TaskRecord& task = out.task;
  const Lanes::Lane& lane = lanes.at(out.lane);
  task.queue = lane.queue;
  task.name = lane.name;
  task.id = rows.view(kId);
  task.priority = rows.small(kPriority);
  task.attempt = rows.small(kAttempt);
  task.attempts_before = rows.small(kAttemptsBefore);
  task.crashes = rows.small(kCrashes);
  task.submitted_at = wall_from_micros(rows.integer(kSubmitted));
  task.expires_at = rows.time(kExpires);
  task.args = rows.view(kArgs);
  read_coded(rows, out);
}

Record read_record(const Rows& rows, Lanes& lanes) {
  Record out;
  read_claim(rows, lanes, out);
  read_state(rows, out);
  TaskRecord& task = out.task;
  task.due_at = rows.time(kDue);
  task.started_at = rows.time(kStarted);
  task.finished_at = rows.time(kFinished);
  task.node = rows.text(kNode);
  read_outcome(rows, task);
  task.cancel_requested = task.state == State::running && rows.integer(kCancel) != 0;
  return out;
}

Records::Records(Connection& connection, Lanes& lanes)
    : connection_(connection),
      lanes_(lanes),
      find_(connection, "SELECT " FLOWRRA_RECORD_COLUMNS
                        ", (SELECT lines FROM log WHERE log.task = task.seq)"
                        " FROM task WHERE id = ?1") {}

std::optional<TaskRecord> Records::find(const TaskId& id, Shown shown) {
  Rows rows = find_.query(id);
  if (!rows.next()) return std::nullopt;
  if (shown == Shown::outcomes && (rows.is_null(kArgs) || !is_final(static_cast<State>(rows.small(kState))))) {
    return std::nullopt;
  }
  Record record = read_record(rows, lanes_);
  if (record.task.id != id) {  // a damaged index leads to another row
    connection_.fail(SQLITE_CORRUPT);
    return std::nullopt;
  }
  record.task.log = rows.text(kLog);
  return std::move(record.task);
}

// The table in order of arrival has the newest first without sorting; few rows of certain states are found faster
// through their index. An index is only usable with its own condition in the words it was declared with.
std::string Records::source(const std::vector<State>& states, const ListQuery& query) {
  if (query.id_begin) return "task INDEXED BY sqlite_autoindex_task_1 WHERE 1";
  if (std::ranges::all_of(states, [](State state) { return state == State::running; })) {
    return "task INDEXED BY task_running WHERE state = 2";
  }
  const bool pending = std::ranges::all_of(states, [](State state) { return state == State::pending; });
  // Arrival order finds the newest pending tasks at once, but the oldest only behind all that has ended.
  if (pending && query.order == ListQuery::Order::oldest) return "task INDEXED BY task_ready WHERE state = 1";
  const bool few = lanes_.count(states) <= kFewRows + query.offset + query.limit;
  if (few && std::ranges::all_of(states, is_final)) return "task INDEXED BY task_finished WHERE state >= 4";
  return "task NOT INDEXED WHERE 1";
}

std::vector<TaskRecord> Records::list(const ListQuery& query, Shown shown) {
  std::vector<State> states = query.states;
  if (states.empty()) states.assign(kStates.begin(), kStates.end());
  if (shown == Shown::outcomes) std::erase_if(states, [](State state) { return !is_final(state); });
  if (query.order == ListQuery::Order::finished_last)
    std::erase_if(states, [](State state) { return !is_final(state); });
  if (states.empty()) return {};
  std::string terms;
  if (shown == Shown::outcomes) terms += " AND args IS NOT NULL";
  if (query.queue) terms += " AND lane IN (SELECT id FROM lane WHERE queue = ?1)";
  if (query.name) terms += " AND lane IN (SELECT id FROM lane WHERE name = ?2)";
  if (query.id_begin) terms += " AND id >= ?6 AND id < ?6 || x'7f'";  // no id has a byte beyond
  if (query.tag) terms += " AND tags IS NOT NULL AND ?3 IN (SELECT value FROM json_each(tags))";
  std::string sql = "SELECT " FLOWRRA_RECORD_COLUMNS " FROM ";
  switch (query.order) {
    case ListQuery::Order::newest:
      sql += source(states, query) + in_states(states) + terms + " ORDER BY seq DESC LIMIT ?4 OFFSET ?5";
      break;
    case ListQuery::Order::oldest:
      sql += "task WHERE seq IN (SELECT seq FROM " + source(states, query) + in_states(states) + terms +
             " ORDER BY seq LIMIT ?4 OFFSET ?5) ORDER BY seq";
      break;
    case ListQuery::Order::finished_last:
      sql += finished_last(states, terms);
      break;
  }
  Statement statement(connection_, sql.c_str());
  std::vector<TaskRecord> out;
  Rows rows = statement.query(query.queue, query.name, query.tag, query.limit, query.offset, query.id_begin);
  while (rows.next()) {
    out.push_back(read_record(rows, lanes_).task);
    if (query.id_begin && !out.back().id.starts_with(*query.id_begin)) connection_.fail(SQLITE_CORRUPT);
  }
  return out;
}

}  // namespace flowrra::sqlite
