#include "node/outbox.hpp"

#include <algorithm>
#include <iterator>

#include "base/log.hpp"
#include "task/log_lines.hpp"

namespace flowrra {
namespace {

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;  // of one batch: a store takes no command without bound
constexpr Micros kRetry = std::chrono::milliseconds(500);

TaskRecord final_record(const LeasedTask& leased, const Settlement& settlement, const std::string& node, WallTime now) {
  TaskRecord record = leased.task;
  record.state = settlement.to;
  record.finished_at = now;
  record.due_at.reset();
  record.result = settlement.result;
  record.error = settlement.error;
  record.resources = settlement.resources;
  record.crashes += settlement.crashed ? 1 : 0;
  record.node = node;
  record.progress = settlement.progress;
  record.log = appended_log(record.log, settlement.log);
  return record;
}

}  // namespace

Outbox::Outbox(Loop& loop, const Clock& clock, std::string node, Courier* backend, std::function<void()> ready)
    : clock_(clock),
      node_(std::move(node)),
      backend_(backend),
      ready_(std::move(ready)),
      pulse_(clock),
      keep_(loop, [this] { keep(); }),
      again_(loop, [this] { keep(); }) {}

void Outbox::add(const LeasedTask& leased, Settlement&& settlement) {
  if (backend_ != nullptr && is_final(settlement.to)) {
    TaskRecord record = final_record(leased, settlement, node_, clock_.wall());
    unkept_.push_back({std::move(record), std::move(settlement), clock_.boot()});
    keep_.request();
  } else {
    settlements_.push_back({std::move(settlement), clock_.boot()});
    ready_();
  }
}

void Outbox::keep() {
  if (!keeping_.empty() || unkept_.empty()) return;
  std::vector<Unkept> batch;
  keeping_since_ = unkept_.front().since;
  std::size_t bytes = 0;
  while (!unkept_.empty() && batch.size() < kBatch && bytes < kMostBytes) {
    const TaskRecord& next = unkept_.front().record;
    bytes += next.args.size() + next.result.size() + next.log.size();
    keeping_.push_back(next.id);
    batch.push_back(std::move(unkept_.front()));
    unkept_.pop_front();
  }
  auto shared = std::make_shared<std::vector<Unkept>>(std::move(batch));
  backend_->post(
      [shared](Store& store) {
        std::vector<TaskRecord> records;
        records.reserve(shared->size());
        for (const Unkept& each : *shared) records.push_back(each.record);
        return store.backend().store(records);
      },
      [this, shared](const Status& status) { on_kept(status, std::move(*shared)); });
}

void Outbox::on_kept(const Status& status, std::vector<Unkept> batch) {
  keeping_.clear();
  if (!status) {
    pulse_.bad("the backend: " + status.error().message);
    if (!std::exchange(failing_, true)) log::error("results wait, the backend fails: " + status.error().message);
    unkept_.insert(unkept_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
    again_.start(kRetry);
    return;
  }
  if (std::exchange(failing_, false)) log::warning("the backend works again");
  for (Unkept& each : batch) settlements_.push_back({std::move(each.settlement), each.since});
  pulse_.good();
  ready_();
  keep();
}

void Outbox::batch(std::size_t most, std::vector<Settlement>& out) {
  if (!settlements_.empty() && !under_way_) under_way_ = settlements_.front().since;
  std::size_t bytes = 0;
  while (!settlements_.empty() && out.size() < most && bytes < kMostBytes) {
    const Settlement& next = out.emplace_back(std::move(settlements_.front().settlement));
    bytes += next.result.size() + next.log.size();
    settlements_.pop_front();
  }
}

void Outbox::settled() {
  if (under_way_) pulse_.good();
  under_way_.reset();
}

void Outbox::put_back(std::vector<Settlement> settlements) {
  const BootTime since = under_way_.value_or(clock_.boot());
  under_way_.reset();
  for (auto each = settlements.rbegin(); each != settlements.rend(); ++each) {
    settlements_.push_front({std::move(*each), since});
  }
}

void Outbox::add_held(std::vector<TaskId>& out) const {
  for (const Unsettled& each : settlements_) out.push_back(each.settlement.lease.task);
  for (const Unkept& each : unkept_) out.push_back(each.record.id);
  out.insert(out.end(), keeping_.begin(), keeping_.end());
}

PartHealth Outbox::health(Micros limit) const {
  PartHealth out = pulse_.health("outbox");
  out.waiting = static_cast<std::int64_t>(size());
  std::optional<BootTime> oldest = under_way_;
  const auto consider = [&oldest](BootTime since) { oldest = std::min(oldest.value_or(since), since); };
  if (!settlements_.empty()) consider(settlements_.front().since);
  if (!unkept_.empty()) consider(unkept_.front().since);
  if (!keeping_.empty()) consider(keeping_since_);
  if (oldest) out.oldest = clock_.boot() - *oldest;
  if (out.stuck.empty() && out.oldest && *out.oldest > limit) {
    out.stuck = "an outcome has waited for " + to_text(*out.oldest) + " to be settled";
  }
  return out;
}

}  // namespace flowrra
