#include <array>

#include "app/client.hpp"

namespace flowrra {
namespace {

Error no_task(const TaskId& id) { return {Code::not_found, "no task with the id " + id, "See `flowrra ps --all`."}; }

Error wrong_state(const TaskRecord& record, const char* what, const char* hint) {
  return {Code::invalid, "task " + record.id + " is " + std::string(name(record.state)) + ": " + what, hint};
}

}  // namespace

Status Client::retry(const TaskRecord& record) {
  auto outcome = store_->broker().replay({&record, 1});
  if (!outcome) return outcome.error();
  if (outcome->front() == ReplayOutcome::replayed) return {};
  if (outcome->front() == ReplayOutcome::unknown) return no_task(record.id);
  return wrong_state(record, "only a task that ended without success can be retried",
                     "Submit it again under another id.");
}

Status Client::remove(const TaskRecord& record) {
  if (!is_final(record.state)) {
    return wrong_state(record, "only a task that has ended can be removed", "`flowrra cancel` ends it.");
  }
  const std::array ids{record.id};
  bool removed = false;
  if (!config_.one_store()) {
    auto results = backend();
    if (!results) return results.error();
    auto done = (*results)->remove(ids);
    if (!done) return done.error();
    removed = done->front();
  }
  auto done = store_->backend().remove(ids);
  if (!done) return done.error();
  return removed || done->front() ? Status() : Status(no_task(record.id));
}

// In steps, so that others get their turn.
Result<std::int64_t> Client::remove_older(Micros age) {
  constexpr int kStep = 2000;
  auto results = backend();
  if (!results) return results.error();
  std::int64_t count = 0;
  for (Backend* each : {*results, &store_->backend()}) {
    for (int removed = kStep; removed == kStep;) {
      auto done = each->remove_older(age, kStep);
      if (!done) return done.error();
      removed = *done;
      if (each == *results) count += removed;
    }
    if (config_.one_store()) break;
  }
  return count;
}

}  // namespace flowrra
