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
// is something to do, all of it in one write transaction.
class Turn {
 public:
  Turn(Engine& engine, Heads& heads, const ExchangeRequest& request)
      : engine_(engine), heads_(heads), request_(request) {}
  Result<ExchangeAnswer> run();

 private:
  Status look();
  Result<ExchangeAnswer> write();
  std::vector<std::vector<std::vector<LaneId>>> lanes_of_wants();
  bool named(LaneId id);
  std::optional<std::int64_t> session_key(const SessionId& id);
  std::optional<TaskRow> held(const Lease& lease);
  void note(const ProgressUpdate& update);
  bool settle_one(const Settlement& settlement);
  bool settle_success(const Settlement& settlement);
  std::vector<std::int64_t> strays(std::int64_t session, const std::vector<TaskId>& holds);
  void hand_back(std::int64_t session, const std::vector<TaskId>& holds);
  void take(std::int64_t session);
  void take_one(Record& record, std::int64_t session);
  std::optional<Micros> next_due();
  void look_ahead(std::optional<std::int64_t> session);

  Engine& engine_;
  Heads& heads_;
  const ExchangeRequest& request_;
  ExchangeAnswer answer_;
  CommitEffects effects_;
  StaleCounts stale_;
  bool work_seen_ = false;
  std::map<SessionId, std::optional<std::int64_t>> keys_;
};

}  // namespace flowrra::sqlite
