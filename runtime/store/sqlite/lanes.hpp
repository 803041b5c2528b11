#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/broker.hpp"
#include "store/sqlite/statement.hpp"
#include "task/state.hpp"

namespace flowrra::sqlite {

using LaneId = std::int64_t;

// A lane is one (queue, task name). Lanes are never removed, so their ids may be remembered. The counts of tasks by
// state are changed in memory through a write transaction and written by flush() before its commit.
class Lanes {
 public:
  struct Lane {
    std::string queue;
    std::string name;
  };

  explicit Lanes(Connection& connection);

  // Prepares what a submission needs.
  void prepare_to_add() {
    for (Statement* each : {&waiting_, &find_, &change_of({State::pending})}) each->prepare_early();
  }

  LaneId find_or_add(const std::string& queue, const std::string& name);
  const Lane& at(LaneId id);

  // Lanes of queues that are not paused and have pending tasks; perhaps a few that have none any more.
  std::vector<LaneId> with_pending();

  // Lanes of queues that are not paused and have tasks which wait for their time, as last flushed.
  std::vector<LaneId> with_due();

  // The tasks of one queue that wait, as last flushed.
  std::int64_t waiting(const std::string& queue);

  // All tasks in one of the states, as last flushed.
  std::int64_t count(const std::vector<State>& states);
  std::vector<StateCount> counts();

  void entered(LaneId lane, State state) { ++changes_[lane][static_cast<std::size_t>(state)]; }
  void left(LaneId lane, State state) { --changes_[lane][static_cast<std::size_t>(state)]; }
  void moved(LaneId lane, State from, State to) {
    left(lane, from);
    entered(lane, to);
  }
  void flush();

  // Counts the pending tasks anew: a count that somebody edited must not hide tasks for ever.
  void recount_pending() { recount_.run(); }

  // After a rollback: forgets the changes, and the lanes that it may have undone.
  void forget();

 private:
  using Counts = std::array<std::int64_t, kStates.size()>;
  // The statement that changes the counts of these states, in this order.
  Statement& change_of(const std::vector<State>& states);
  void remember(LaneId id, const std::string& queue, const std::string& name);

  Connection& connection_;
  std::map<std::pair<std::string, std::string>, LaneId> ids_;
  std::unordered_map<LaneId, Lane> lanes_;
  std::unordered_map<LaneId, Counts> changes_;
  Statement find_, add_, get_, paused_, with_pending_, with_due_, waiting_, totals_, counts_;
  Statement recount_;
  struct Change {
    Change(Connection& connection, std::string text) : sql(std::move(text)), statement(connection, sql.c_str()) {}
    std::string sql;
    Statement statement;
  };
  std::map<std::vector<State>, Change> change_statements_;
};

}  // namespace flowrra::sqlite
