#include "store/memory/memory_broker.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "store/memory/heads.hpp"
#include "store/refusals.hpp"
#include "task/log_lines.hpp"

namespace flowrra::memory {
namespace {

TaskRecord first_record(const NewTask& task, WallTime now) {
  TaskRecord out;
  out.id = task.id;
  out.name = task.name;
  out.kind = task.kind;
  out.queue = task.queue;
  out.priority = task.priority;
  out.args = task.args;
  out.options = task.options;
  out.submitted_at = now;
  out.tags = task.tags;
  return out;
}

void bury(Row& row) {
  row.tombstone = true;
  row.record.args.clear();
  row.record.result.clear();
  row.record.error.reset();
  row.record.progress.clear();
  row.record.log.clear();
}

}  // namespace

Result<std::vector<PushOutcome>> MemoryBroker::push(std::span<const NewTask> tasks, std::int64_t max_queue_size) {
  if (auto fits = pushable(tasks); !fits) return fits.error();
  const std::scoped_lock lock(state_->mutex);
  std::vector<PushOutcome> out;
  out.reserve(tasks.size());
  for (const NewTask& task : tasks) out.push_back(push_one(task, max_queue_size));
  if (std::ranges::find(out, PushOutcome::accepted) != out.end()) state_->ring_broker();
  return out;
}

PushOutcome MemoryBroker::push_one(const NewTask& task, std::int64_t max_queue_size) {
  if (state_->find(task.id) != nullptr) return PushOutcome::exists;
  if (state_->waiting(task.queue) >= max_queue_size) return PushOutcome::queue_full;
  const WallTime now = clock_.wall();
  Row row;
  row.record = first_record(task, now);
  row.standing = first_standing(task, now);
  state_->add(std::move(row));
  return PushOutcome::accepted;
}

Result<ExchangeAnswer> MemoryBroker::exchange(const ExchangeRequest& request) {
  const std::scoped_lock lock(state_->mutex);
  if (request.take && !state_->alive(request.take->session, clock_.boot())) {
    return session_over();
  }
  ExchangeAnswer answer;
  for (const ProgressUpdate& update : request.progress) note_progress(update);
  bool finished = false;
  bool waits = false;
  answer.settled.reserve(request.settlements.size());
  for (const Settlement& settlement : request.settlements) {
    const Row* row = settle_one(settlement, request.keep_results);
    answer.settled.push_back(row != nullptr);
    if (row != nullptr) (is_final(row->standing.state) ? finished : waits) = true;
  }
  if (request.take && request.take->holds) hand_back(*request.take, request.keep_results);
  finished |= expire_due();
  promote_due();
  if (request.take) take_into(*request.take, answer);
  look_ahead(request, answer);
  if (finished) state_->ring_backend();
  if (waits) state_->ring_broker();
  return answer;
}

void MemoryBroker::look_ahead(const ExchangeRequest& request, ExchangeAnswer& answer) const {
  answer.next_due = next_due(request);
  if (!state_->expiring.empty()) {
    answer.next_expiry = std::max(Micros(0), until_due(state_->expiring.begin()->first, clock_));
  }
  if (!request.take) return;
  if (const auto live = state_->sessions.find(request.take->session); live != state_->sessions.end()) {
    answer.reload = live->second.reload_asked;
  }
  for (const auto seq : state_->ending) {
    const Row& row = state_->rows.at(seq);
    if (row.session == request.take->session) answer.cancel.push_back(row.record.id);
  }
}

std::optional<Micros> MemoryBroker::next_due(const ExchangeRequest& request) const {
  const auto has_queue = [&](const std::string& queue) {
    return std::ranges::find(request.take->queues, queue) != request.take->queues.end();
  };
  const auto first = std::ranges::find_if(state_->due, [&](const auto& entry) {
    const TaskRecord& task = state_->rows.at(entry.second).record;
    if (!request.take) return true;
    return !state_->paused.contains(task.queue) && has_queue(task.queue) &&
           std::ranges::any_of(request.take->wants, [&](const auto& want) { return want.names.contains(task.name); });
  });
  if (first == state_->due.end()) return std::nullopt;
  return std::max(Micros(0), until_due(first->first, clock_));
}

Row* MemoryBroker::held(const Lease& lease) {
  Row* row = state_->find(lease);
  if (row == nullptr || row->standing.state != State::running) return nullptr;
  if (row->session != lease.session || row->standing.counter != lease.counter) return nullptr;
  return state_->alive(lease.session, clock_.boot()) ? row : nullptr;
}

// The row that was settled, or null.
Row* MemoryBroker::settle_one(const Settlement& asked, bool keep_results) {
  Row* row = held(asked.lease);
  if (row == nullptr) ++state_->stale.settlements;
  return row == nullptr || !settle_row(*row, asked, keep_results) ? nullptr : row;
}

bool MemoryBroker::settle_row(Row& row, const Settlement& asked, bool keep_results) {
  const auto instead = overruled(row.standing, asked);
  const Settlement& settlement = instead ? *instead : asked;
  const WallTime now = clock_.wall();
  const auto change = [&](Standing& task) {
    if (!flowrra::settle(task, settlement, now)) return false;
    if (task.state == State::pending && !settlement.version.empty()) {
      row.record.name = settlement.version;
      row.lane = nullptr;
    }
    return true;
  };
  if (!state_->move(row, change)) return false;
  row.session.clear();
  row.record.resources = settlement.resources;
  if (!settlement.log.empty()) row.record.log = appended_log(row.record.log, settlement.log);
  if (settlement.to != State::pending) {
    row.record.error = settlement.error;
    row.record.result = settlement.result;
    if (!settlement.progress.empty()) row.record.progress = settlement.progress;
  } else {
    row.record.node.clear();
  }
  if (is_final(settlement.to) && !keep_results) bury(row);
  return true;
}

void MemoryBroker::note_progress(const ProgressUpdate& update) {
  Row* row = held(update.lease);
  if (row == nullptr) ++state_->stale.progress;
  if (row == nullptr) return;
  if (!update.progress.empty()) row->record.progress = update.progress;
  if (!update.log.empty()) row->record.log = appended_log(row->record.log, update.log);
}

// What is said of a task that no settlement ended: its standing has moved already.
void MemoryBroker::end_waiting(Row& row) {
  row.session.clear();
  row.record.error = why_ended(row.standing);
}

bool MemoryBroker::expire_due() {
  const WallTime now = clock_.wall();
  bool any = false;
  while (!state_->expiring.empty() && state_->expiring.begin()->first <= now) {
    Row& row = state_->rows.at(state_->expiring.begin()->second);
    any |= state_->move(row, [&](Standing& task) { return expire(task, now); });
    end_waiting(row);
  }
  return any;
}

void MemoryBroker::promote_due() {
  const WallTime now = clock_.wall();
  while (!state_->due.empty() && state_->due.begin()->first <= now) {
    state_->move(state_->rows.at(state_->due.begin()->second), [](Standing& task) { return promote(task); });
  }
}

Result<int> MemoryBroker::recover() {
  const std::scoped_lock lock(state_->mutex);
  const BootTime now = clock_.boot();
  std::erase_if(state_->sessions, [&](const auto& entry) { return entry.second.deadline <= now; });
  int count = 0;
  bool ended = false;
  const auto running = state_->running;
  for (const auto seq : running) {
    Row& row = state_->rows.at(seq);
    if (state_->alive(row.session, now)) continue;
    row.record.log = appended_log(row.record.log, lost_line(row.standing.attempt, clock_.wall()));
    state_->move(row, [this](Standing& task) { return flowrra::recover(task, clock_.wall()); });
    row.session.clear();
    ++count;
    if (is_final(row.standing.state)) {
      end_waiting(row);
      ended = true;
    } else {
      row.record.node.clear();
    }
  }
  if (count > 0) state_->ring_broker();
  if (ended) state_->ring_backend();
  return count;
}

Result<std::vector<CancelOutcome>> MemoryBroker::cancel(std::span<const TaskId> ids) {
  const std::scoped_lock lock(state_->mutex);
  const WallTime now = clock_.wall();
  std::vector<CancelOutcome> out;
  for (const TaskId& id : ids) {
    Row* row = state_->find(id);
    CancelOutcome outcome = CancelOutcome::unknown;
    if (row != nullptr) {
      state_->move(*row, [&](Standing& task) {
        outcome = flowrra::cancel(task, now);
        return true;
      });
      if (outcome == CancelOutcome::cancelled) end_waiting(*row);
    }
    out.push_back(outcome);
  }
  if (std::ranges::find(out, CancelOutcome::cancelled) != out.end()) state_->ring_backend();
  if (std::ranges::find(out, CancelOutcome::requested) != out.end()) state_->ring_broker();
  return out;
}

Result<std::vector<ReplayOutcome>> MemoryBroker::replay(std::span<const TaskRecord> records) {
  const std::scoped_lock lock(state_->mutex);
  std::vector<ReplayOutcome> out;
  for (const TaskRecord& record : records) {
    Row* row = state_->find(record.id);
    out.push_back(row == nullptr ? ReplayOutcome::unknown : ReplayOutcome::refused);
    if (row == nullptr || !state_->move(*row, [](Standing& task) { return flowrra::replay(task); })) continue;
    out.back() = ReplayOutcome::replayed;
    row->record.result.clear();
    if (!std::exchange(row->tombstone, false)) continue;
    row->record.args = record.args;
    row->record.options = record.options;
    row->record.tags = record.tags;
    row->record.log = record.log;
  }
  if (std::ranges::find(out, ReplayOutcome::replayed) != out.end()) state_->ring_broker();
  return out;
}

Result<std::int64_t> MemoryBroker::purge(const std::string& queue) {
  const std::scoped_lock lock(state_->mutex);
  std::int64_t count = 0;
  for (auto at = state_->rows.begin(); at != state_->rows.end();) {
    Row& row = (at++)->second;
    if (row.record.queue != queue || !is_waiting(row.standing.state)) continue;
    state_->erase(row);
    ++count;
  }
  if (count > 0) state_->ring_backend();
  return count;
}

Result<std::optional<TaskRecord>> MemoryBroker::find(const TaskId& id) {
  const std::scoped_lock lock(state_->mutex);
  const Row* row = state_->find(id);
  return row == nullptr ? std::nullopt : std::optional(record_of(*row));
}

Result<std::vector<TaskRecord>> MemoryBroker::list(const ListQuery& query) {
  const std::scoped_lock lock(state_->mutex);
  return listed(*state_, query, [](const Row&) { return true; });
}

Result<std::vector<StateCount>> MemoryBroker::counts() {
  const std::scoped_lock lock(state_->mutex);
  std::map<std::tuple<std::string, std::string, flowrra::State>, std::int64_t> sums;
  for (const auto& [seq, row] : state_->rows) ++sums[{row.record.queue, row.record.name, row.standing.state}];
  std::vector<StateCount> out;
  out.reserve(sums.size());
  for (const auto& [key, count] : sums) {
    const auto& [queue, name, state] = key;
    out.push_back({queue, name, state, count});
  }
  return out;
}

Result<StaleCounts> MemoryBroker::stale_counts() {
  const std::scoped_lock lock(state_->mutex);
  return state_->stale;
}

}  // namespace flowrra::memory
