#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "store/broker.hpp"
#include "store/sqlite/engine.hpp"
#include "store/sqlite/heads.hpp"

namespace flowrra::sqlite {

// One exchange(): first a look without the lock where there is nothing to write but what can be taken, then, if there
// is something to do, all of it in one write transaction, which goes on from what was seen if it still holds.
class Turn {
 public:
  Turn(Engine& engine, Heads& heads, const ExchangeRequest& request)
      : engine_(engine), heads_(heads), request_(request) {}
  Result<ExchangeAnswer> run();

 private:
  // For each want a group for each queue where places are shared, else one.
  using LanesOfWants = std::vector<std::vector<std::vector<LaneId>>>;

  [[nodiscard]] bool tells() const;
  const TaskRows::Ahead& ahead();
  void seen_no_more();
  [[nodiscard]] bool has_come(const std::optional<WallTime>& time) const;
  bool sees_work(const std::optional<Sessions::Alive>& session);
  Result<ExchangeAnswer> write(TaskWrite& transaction);
  void look_and_take(const std::optional<Sessions::Alive>& session);
  bool make_due();
  LanesOfWants lanes_of_wants();
  bool named(LaneId id);
  const std::optional<Sessions::Alive>& session_of(const SessionId& id);
  std::optional<TaskRow> held(const Lease& lease);
  void note(const ProgressUpdate& update);
  bool settle_one(const Settlement& settlement);
  bool settle_success(const Settlement& settlement);
  std::vector<std::int64_t> strays(std::int64_t session, const std::vector<TaskId>& holds);
  void hand_back(std::int64_t session, const std::vector<TaskId>& holds);
  void take(std::int64_t session);
  void take_one(Record& record, std::int64_t session);
  bool waits_for_its_time();
  void look_ahead(const std::optional<Sessions::Alive>& session);

  Engine& engine_;
  Heads& heads_;
  const ExchangeRequest& request_;
  ExchangeAnswer answer_;
  CommitEffects effects_;
  StaleCounts stale_;
  std::map<SessionId, std::optional<Sessions::Alive>> sessions_;

  // What was seen of the tasks, as long as it holds.
  std::optional<TaskRows::Ahead> ahead_;
  std::optional<LanesOfWants> lanes_;
};

}  // namespace flowrra::sqlite
