#include "executor/io_worker.hpp"

#include <algorithm>
#include <utility>

#include "base/units.hpp"
#include "executor/host_health.hpp"
#include "executor/task_log.hpp"
#include "executor/verdict.hpp"

namespace flowrra {
namespace {

constexpr std::uint32_t kWarning = 2;
constexpr Micros kBusyLoop = std::chrono::milliseconds(100);  // that a task may keep the loop of its host

}  // namespace

IoWorker::IoWorker(Loop& loop, const HostSettings& settings, const Clock& clock, std::string label, Use use,
                   Events events)
    : settings_(settings),
      use_(use),
      clock_(clock),
      events_(std::move(events)),
      wear_(settings.io_wear),
      keeper_(loop, settings, Kind::io, std::move(label),
              {.ready = [this] { events_.changed(); },
               .finished = [this](FinishedFrame frame) { on_finished(std::move(frame)); },
               .progressed =
                   [this](ProgressFrame frame) {
                     const auto found = held_.find(frame.call);
                     if (found == held_.end()) return;
                     events_.progressed(found->second.job->leased.lease, std::move(frame.progress));
                   },
               .logged = [this](const LogFrame& frame) { on_logged(frame); },
               .printed =
                   [this](const OutputLine& line) {
                     printed_.write(keeper_.label(), nullptr, line.text);
                     words_.add(0, line.text);
                   },
               .ended = [this](const HostEnd& end, const SharedPage& page) { on_ended(end, page); }}),
      timer_(loop, [this] { on_due(); }) {}

void IoWorker::give(OwnJob job) {
  const std::uint64_t call = ++last_call_;
  const TaskRecord& task = job->leased.task;
  const Micros timeout = job->options.timeout.value_or(Micros(0));
  keeper_.host()->send(StartView{call, task.attempt, timeout.count(), {}, task.id, task.name, task.args});
  Held& held = held_.emplace(call, Held{std::move(job), clock_.boot(), {}, {}}).first->second;
  if (timeout > Micros(0)) schedule(call, held, held.started + timeout);
}

void IoWorker::schedule(std::uint64_t call, Held& held, BootTime due) {
  unschedule(call, held);
  held.due = due;
  deadlines_.emplace(due, call);
  if (deadlines_.begin()->second == call) arm();
}

void IoWorker::unschedule(std::uint64_t call, Held& held) {
  if (held.due) deadlines_.erase({*held.due, call});
  held.due.reset();
}

void IoWorker::arm() {
  if (deadlines_.empty()) {
    timer_.stop();
  } else {
    timer_.start(std::max(Micros(0), deadlines_.begin()->first - clock_.boot()));
  }
}

void IoWorker::on_due() {
  const BootTime now = clock_.boot();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const std::uint64_t call = deadlines_.begin()->second;
    on_due(call, held_.at(call));
  }
  arm();
}

// At the deadline the task is asked to stop; at the end of the grace its host is killed.
void IoWorker::on_due(std::uint64_t call, Held& held) {
  unschedule(call, held);
  if (keeper_.host() == nullptr || condemned_) return;
  if (!held.doom) {
    const Micros timeout = held.job->options.timeout.value_or(Micros(0));
    ask_to_end(call, held, {AttemptEnd::timeout, timeout_message(timeout)});
    return;
  }
  condemned_ = true;
  // A task that does not give the loop back is the reason why this one could not stop.
  const auto busy = busy_loop();
  culprit_ = busy ? busy->call : call;
  if (busy) {
    on_logged({busy->call, kWarning,
               "the task has kept the loop of host " + keeper_.label() + " for " + to_text(busy->time) +
                   ": the host is killed"});
    auto& doom = held_.at(busy->call).doom;
    if (!doom) doom = Doom{AttemptEnd::timeout, "kept the io loop busy past the deadline of a task beside it"};
  }
  keeper_.kill();
}

// The call that has not given the loop back for long.
std::optional<IoWorker::Busy> IoWorker::busy_loop() const {
  const HostProcess* host = keeper_.host();
  if (host == nullptr) return std::nullopt;
  const auto& loop = host->page().threads[0];
  const std::uint64_t call = loop.call.load(std::memory_order_relaxed);
  const Micros time = clock_.boot() - BootTime(Micros(loop.since.load(std::memory_order_relaxed)));
  if (!held_.contains(call) || time <= kBusyLoop) return std::nullopt;
  return Busy{call, time};
}

void IoWorker::on_logged(const LogFrame& frame) {
  const auto found = held_.find(frame.call);
  if (found == held_.end()) return;
  const Job& job = *found->second.job;
  log_task(job, frame);
  events_.logged(job.leased.lease, task_line(job, frame, clock_.wall()));
}

void IoWorker::ask_to_end(std::uint64_t call, Held& held, Doom doom) {
  held.doom = std::move(doom);
  keeper_.host()->send(CancelFrame{call});
  schedule(call, held, clock_.boot() + settings_.kill_grace);
}

bool IoWorker::cancel(const TaskId& task) {
  const auto found =
      std::ranges::find(held_, task, [](const auto& held) { return held.second.job->leased.lease.task; });
  if (found == held_.end()) return false;
  auto& [call, held] = *found;
  if (!held.doom && !condemned_ && keeper_.host() != nullptr) {
    ask_to_end(call, held, {AttemptEnd::cancelled, "cancelled while it ran"});
  }
  return true;
}

void IoWorker::recall_waiting() {
  if (!ready()) return;
  for (const auto& [call, held] : held_) {
    if (held.job->blocking) keeper_.host()->send(CancelFrame{call, true});
  }
}

void IoWorker::on_finished(FinishedFrame frame) {
  const auto found = held_.find(frame.call);
  if (found == held_.end()) return;
  Held held = std::move(found->second);
  if (!held.doom && held.due && frame.end == CallEnd::cancelled) {
    const Micros left = *held.due - clock_.boot();
    held.doom = doom_at_deadline(*held.job, held.job->options.timeout.value_or(Micros(0)) - left);
  }
  unschedule(frame.call, held);
  held_.erase(found);
  AttemptReport report = report_finished(held.job->leased.lease, std::move(frame), held.doom ? &*held.doom : nullptr);
  const BootTime now = clock_.boot();
  wear_.ended_one(keeper_.pid(), 0, now);
  if (wear_.worn() && held_.empty() && !condemned_) keeper_.recycle();
  events_.finished(std::move(*held.job), std::move(report), now - held.started);
}

void IoWorker::release_running() {
  if (held_.empty()) return;
  condemned_ = releasing_ = true;
  keeper_.kill();
}

// Who is charged: the task for which the host was killed, or the one whose thread died. Where neither is known, one
// that was alone in a host for suspects; of others any may have done it, or none: somebody may have killed the host.
void IoWorker::on_ended(const HostEnd& end, const SharedPage& page) {
  timer_.stop();
  wear_.renew();
  deadlines_.clear();
  auto held = std::exchange(held_, {});
  const bool releasing = std::exchange(releasing_, false);
  condemned_ = false;
  std::uint64_t charged = std::exchange(culprit_, 0);
  if (charged == 0 && held.contains(end.fault)) charged = end.fault;
  if (charged == 0 && use_ == Use::isolated && held.size() == 1) charged = held.begin()->first;
  std::vector<std::string> words = words_.take(0);
  const auto waited = [&](std::uint64_t call, const Held& each) {  // in a host that ran others: it has no part in this
    return use_ == Use::shared && !releasing && !each.doom && each.job->blocking && call > page.pool_begun;
  };
  for (auto& [call, each] : held) {
    if (waited(call, each)) {
      events_.returned(std::move(each.job));
      continue;
    }
    const Lease& lease = each.job->leased.lease;
    const Micros ran = clock_.boot() - each.started;
    if (call == charged && !releasing && !each.doom) {
      Crash crash = crash_of(end, settings_.plugins, each.job->leased.task.name, std::exchange(words, {}));
      events_.crashed(std::move(*each.job), std::move(crash), ran);
      continue;
    }
    AttemptReport report = releasing         ? report_doom(lease, Doom{AttemptEnd::released, {}})
                           : call == charged ? report_doom(lease, *each.doom)
                                             : report_innocent(lease, end, charged == 0);
    events_.finished(std::move(*each.job), std::move(report), ran);
  }
  events_.changed();
}

void IoWorker::add_held(std::vector<TaskId>& out) const {
  for (const auto& [call, held] : held_) out.push_back(held.job->leased.lease.task);
}

HostHealth IoWorker::health() const {
  const BootTime now = clock_.boot();
  HostHealth out = health_of(keeper_, Kind::io, held_.size());
  if (const auto busy = busy_loop()) {
    out.stuck = "task " + held_.at(busy->call).job->leased.lease.task + " has kept the loop for " + to_text(busy->time);
  }
  for (const auto& [call, held] : held_) {
    if (out.work.size() == NodeHealth::kMostWork) break;
    add_work(out, *held.job, held.started, now, settings_.kill_grace);
  }
  return out;
}

}  // namespace flowrra
