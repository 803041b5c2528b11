#pragma once

#include "store/broker.hpp"
#include "store/sqlite/engine.hpp"
#include "store/sqlite/heads.hpp"

namespace flowrra::sqlite {

// The broker role of a SQLite store.
class SqliteBroker final : public Broker {
 public:
  explicit SqliteBroker(Engine& engine);

  Result<std::vector<PushOutcome>> push(std::span<const NewTask> tasks, std::int64_t max_queue_size) override;
  Result<ExchangeAnswer> exchange(const ExchangeRequest& request) override;
  Result<int> recover() override;
  Result<std::vector<CancelOutcome>> cancel(std::span<const TaskId> ids) override;
  Result<std::vector<ReplayOutcome>> replay(std::span<const TaskRecord> records) override;
  Result<std::int64_t> purge(const std::string& queue) override;
  Result<std::optional<TaskRecord>> find(const TaskId& id) override;
  Result<std::vector<TaskRecord>> list(const ListQuery& query) override;
  Result<std::vector<StateCount>> counts() override;
  Result<StaleCounts> stale_counts() override;
  Result<std::int64_t> ahead_of(const TaskId& id, const std::vector<std::string>& names) override;
  int wake_fd() override { return engine_.connection->work_bell().fd(); }

 private:
  std::vector<std::optional<std::int64_t>> dead_runners();
  Result<int> purge_some(const std::string& queue, int limit);

  Engine& engine_;
  Heads heads_;
  Statement runners_;
  Statement waiting_of_;
  Statement place_of_;
  Statement ahead_;
};

}  // namespace flowrra::sqlite
