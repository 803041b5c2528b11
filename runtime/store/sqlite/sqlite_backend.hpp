#pragma once

#include "store/backend.hpp"
#include "store/sqlite/engine.hpp"

namespace flowrra::sqlite {

// The backend role of a SQLite store.
class SqliteBackend final : public Backend {
 public:
  explicit SqliteBackend(Engine& engine);

  Status store(std::span<const TaskRecord> records) override;
  Result<std::optional<TaskRecord>> get(const TaskId& id) override;
  Result<std::vector<TaskRecord>> list(const ListQuery& query) override;
  Result<std::vector<bool>> remove(std::span<const TaskId> ids) override;
  Result<int> remove_older(Micros age, int limit) override;
  Status clear() override;
  int wake_fd() override { return engine_.connection->outcome_bell().fd(); }

 private:
  Result<int> remove_finished(WallTime until, int limit);

  Engine& engine_;
  Statement older_;
};

}  // namespace flowrra::sqlite
