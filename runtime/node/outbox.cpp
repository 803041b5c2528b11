#include "node/outbox.hpp"

#include <algorithm>
#include <iterator>

#include "base/log.hpp"
#include "task/log_lines.hpp"

namespace flowrra {
namespace {

constexpr std::size_t kBatch = 1000;
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
      keep_(loop, [this] { keep(); }),
      again_(loop, [this] { keep(); }) {}

void Outbox::add(const LeasedTask& leased, Settlement settlement) {
  if (backend_ != nullptr && is_final(settlement.to)) {
    TaskRecord record = final_record(leased, settlement, node_, clock_.wall());
    unkept_.push_back({std::move(record), std::move(settlement)});
    keep_.request();
  } else {
    settlements_.push_back(std::move(settlement));
    ready_();
  }
}

void Outbox::keep() {
  if (keeping_ > 0 || unkept_.empty()) return;
  std::vector<Unkept> batch;
  while (!unkept_.empty() && batch.size() < kBatch) {
    batch.push_back(std::move(unkept_.front()));
    unkept_.pop_front();
  }
  keeping_ = batch.size();
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
  keeping_ = 0;
  if (!status) {
    if (!std::exchange(failing_, true)) log::error("results wait, the backend fails: " + status.error().message);
    unkept_.insert(unkept_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
    again_.start(kRetry);
    return;
  }
  if (std::exchange(failing_, false)) log::warning("the backend works again");
  for (Unkept& each : batch) settlements_.push_back(std::move(each.settlement));
  ready_();
  keep();
}

std::vector<Settlement> Outbox::batch(std::size_t most) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, settlements_.size()));
  std::vector<Settlement> out(std::make_move_iterator(settlements_.begin()),
                              std::make_move_iterator(settlements_.begin() + count));
  settlements_.erase(settlements_.begin(), settlements_.begin() + count);
  return out;
}

void Outbox::put_back(std::vector<Settlement> settlements) {
  settlements_.insert(settlements_.begin(), std::make_move_iterator(settlements.begin()),
                      std::make_move_iterator(settlements.end()));
}

}  // namespace flowrra
