#pragma once

#include <memory>

#include "store/backend.hpp"
#include "store/memory/shared.hpp"

namespace flowrra::memory {

// The backend role of a memory store.
class MemoryBackend final : public Backend {
 public:
  MemoryBackend(std::shared_ptr<Shared> state, const Clock& clock, const Bells& bells)
      : state_(std::move(state)), clock_(clock), bells_(bells) {}

  Status store(std::span<const TaskRecord> records) override;
  Result<std::optional<TaskRecord>> get(const TaskId& id) override;
  Result<std::vector<TaskRecord>> list(const ListQuery& query) override;
  Result<std::vector<bool>> remove(std::span<const TaskId> ids) override;
  Result<int> remove_older(Micros age, int limit) override;
  Status clear() override;
  int wake_fd() override { return bells_.backend.get(); }

 private:
  std::shared_ptr<Shared> state_;
  const Clock& clock_;
  const Bells& bells_;
};

}  // namespace flowrra::memory
