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
  Result<std::vector<bool>> cancel(std::span<const TaskId> ids) override;
  Result<std::optional<TaskRecord>> find(const TaskId& id) override;
  Result<std::vector<TaskRecord>> list(const ListQuery& query) override;
  Result<std::vector<StateCount>> counts() override;
  int wake_fd() override { return engine_.connection->work_bell().fd(); }

 private:
  std::vector<std::optional<std::int64_t>> dead_runners();

  Engine& engine_;
  Heads heads_;
  Statement runners_;
  Statement running_of_;
};

}  // namespace flowrra::sqlite
