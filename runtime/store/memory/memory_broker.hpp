#pragma once

#include <memory>

#include "store/broker.hpp"
#include "store/fair_share.hpp"
#include "store/memory/heads.hpp"
#include "store/memory/shared.hpp"

namespace flowrra::memory {

// The broker role of a memory store.
class MemoryBroker final : public Broker {
 public:
  MemoryBroker(std::shared_ptr<Shared> state, const Clock& clock, const Bells& bells)
      : state_(std::move(state)), clock_(clock), bells_(bells) {}

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
  int wake_fd() override { return bells_.broker.get(); }

 private:
  PushOutcome push_one(const NewTask& task, std::int64_t max_queue_size);
  Row* settle_one(const Settlement& settlement, bool keep_results);
  bool settle_row(Row& row, const Settlement& settlement, bool keep_results);
  void note_progress(const ProgressUpdate& update);
  std::optional<Micros> next_due(const ExchangeRequest& request) const;
  Row* held(const Lease& lease);
  void promote_due();
  bool expire_due();
  void end_waiting(Row& row);
  void look_ahead(const ExchangeRequest& request, ExchangeAnswer& answer) const;
  void hand_back(const TakeRequest& request, bool keep_results);
  std::vector<Heads> heads_of(const TakeRequest& request, const TakeRequest::Want& want, bool shared);
  void take_into(const TakeRequest& request, ExchangeAnswer& answer);
  void take_one(const TakeRequest& request, Row& row, WallTime now, std::vector<LeasedTask>& taken);

  std::shared_ptr<Shared> state_;
  const Clock& clock_;
  const Bells& bells_;
};

}  // namespace flowrra::memory
