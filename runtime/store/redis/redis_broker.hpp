#pragma once

#include "base/fd.hpp"
#include "store/broker.hpp"
#include "store/redis/bell.hpp"
#include "store/redis/turns.hpp"

namespace flowrra::redis {

class RedisBroker final : public Broker {
 public:
  explicit RedisBroker(Engine& engine);
  Result<std::vector<PushOutcome>> push(std::span<const NewTask> tasks, std::int64_t max_queue_size) override;
  Result<ExchangeAnswer> exchange(const ExchangeRequest& request) override { return turns_.run(request); }
  void begin_exchange(const ExchangeRequest& request) override { turns_.begin(request); }
  Result<ExchangeAnswer> end_exchange(const NextExchange& next) override { return turns_.end(next); }
  Result<int> recover() override;
  Result<std::vector<CancelOutcome>> cancel(std::span<const TaskId> ids) override;
  Result<std::vector<ReplayOutcome>> replay(std::span<const TaskRecord> records) override;
  Result<std::int64_t> purge(const std::string& queue) override;
  Result<std::optional<TaskRecord>> find(const TaskId& id) override;
  Result<std::vector<TaskRecord>> list(const ListQuery& query) override;
  Result<std::vector<StateCount>> counts() override;
  Result<StaleCounts> stale_counts() override;
  Result<std::int64_t> ahead_of(const TaskId& id, const std::vector<std::string>& names) override;
  int wake_fd() override { return bell_.fd(); }
  bool woken() override;

 private:
  struct Recovered {
    int tasks = 0;
    std::vector<SessionId> gone;  // of this machine, that live in the store, but not as a process
  };
  Result<Recovered> recover_from(std::span<const SessionId> gone);

  Engine& engine_;
  Bell bell_;
  Turns turns_;
  std::string machine_;
};

}  // namespace flowrra::redis
