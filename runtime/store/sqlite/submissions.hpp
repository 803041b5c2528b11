#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/broker.hpp"
#include "store/sqlite/engine.hpp"

namespace flowrra::sqlite {

// What one push queues. Called within its write transaction.
class Submissions {
 public:
  // Of each queue no more wait than `max_queue_size`.
  Submissions(Engine& engine, std::int64_t max_queue_size)
      : engine_(engine), now_(engine.clock().wall()), max_queue_size_(max_queue_size) {}

  // What becomes of each task, in order. The tasks outlive this.
  std::vector<PushOutcome> add(std::span<const NewTask> tasks);

  [[nodiscard]] const CommitEffects& effects() const { return effects_; }

 private:
  std::int64_t& room(std::string_view queue);
  bool add_together(std::span<const NewTask, Tasks::kTogether> tasks);
  PushOutcome add_one(const NewTask& task);

  Engine& engine_;
  WallTime now_;
  std::int64_t max_queue_size_;
  std::unordered_map<std::string_view, std::int64_t> room_;  // in each queue
  CommitEffects effects_;
};

}  // namespace flowrra::sqlite
