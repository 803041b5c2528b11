#pragma once

#include "store/backend.hpp"
#include "store/redis/bell.hpp"
#include "store/redis/engine.hpp"

namespace flowrra::redis {

class RedisBackend final : public Backend {
 public:
  explicit RedisBackend(Engine& engine) : engine_(engine), bell_(engine.connection().endpoint(), engine.key("done")) {}
  Status store(std::span<const TaskRecord> records) override;
  Result<std::optional<TaskRecord>> get(const TaskId& id) override;
  Result<std::vector<TaskRecord>> list(const ListQuery& query) override;
  Result<std::vector<bool>> remove(std::span<const TaskId> ids) override;
  Result<int> remove_older(Micros age, int limit) override;
  Status clear() override;
  int wake_fd() override { return bell_.fd(); }
  Heard hear(const TaskRecord& awaited) override;

 private:
  Result<int> remove_ended(const std::optional<Micros>& age, int limit);

  Engine& engine_;
  Bell bell_;
};

}  // namespace flowrra::redis
