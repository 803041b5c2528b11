#include "executor/cpu_worker.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "executor/host_health.hpp"
#include "executor/task_log.hpp"
#include "executor/verdict.hpp"

namespace flowrra {

CpuWorker::CpuWorker(Loop& loop, const HostSettings& settings, const Clock& clock, std::string label, Events events)
    : settings_(settings),
      clock_(clock),
      events_(std::move(events)),
      wear_(settings.cpu_wear),
      keeper_(loop, settings, Kind::cpu, std::move(label),
              {.ready = [this] { events_.changed(); },
               .finished = [this](FinishedFrame frame) { on_finished(std::move(frame)); },
               .progressed =
                   [this](ProgressFrame frame) {
                     if (Held* held = find(frame.call)) {
                       events_.progressed(held->job->leased.lease, std::move(frame.progress));
                     }
                   },
               .logged =
                   [this](const LogFrame& frame) {
                     const Held* held = find(frame.call);
                     if (held == nullptr) return;
                     log_task(*held->job, frame);
                     events_.logged(held->job->leased.lease, task_line(*held->job, frame, clock_.wall()));
                   },
               .printed = [this](const OutputLine& line) { on_printed(line); },
               .ended = [this](const HostEnd& end, const SharedPage& page) { on_ended(end, page); }}),
      deadline_(loop, [this] { on_deadline(); }),
      force_(loop, [this] { next_force(); }) {}

// The page has one place for kMaxOffers calls in a row; recalled calls have used up numbers too.
bool CpuWorker::ready() const {
  if (keeper_.host() == nullptr || doom_ || wear_.worn()) return false;
  return held_.empty() || last_call_ + 1 - held_.front().call < kMaxOffers;
}

void CpuWorker::give(OwnJob job) {
  HostProcess& host = *keeper_.host();
  const std::uint64_t call = ++last_call_;
  const TaskRecord& task = job->leased.task;
  offer(host.page(), call);
  host.send(StartView{call, task.attempt, job->options.timeout.value_or(Micros(0)).count(), limits_of(job->options),
                      task.id, task.name, task.args});
  held_.push_back({call, std::move(job), {}});
  if (held_.size() == 1) front_begins(clock_.boot());
}

void CpuWorker::front_begins(BootTime now) {
  if (held_.empty()) return;
  Held& front = held_.front();
  front.started = now;
  const Micros timeout = front.job->options.timeout.value_or(Micros(0));
  if (timeout > Micros(0)) deadline_.start(timeout);
}

OwnJob CpuWorker::recall_last() {
  HostProcess* host = keeper_.host();
  if (held_.empty() || host == nullptr || !recall_offer(host->page(), held_.back().call)) return nullptr;
  OwnJob job = std::move(held_.back().job);
  held_.pop_back();
  if (held_.empty()) deadline_.stop();
  return job;
}

CpuWorker::Held* CpuWorker::find(std::uint64_t call) {
  const auto found = std::find_if(held_.begin(), held_.end(), [&](const Held& held) { return held.call == call; });
  return found == held_.end() ? nullptr : &*found;
}

void CpuWorker::on_finished(FinishedFrame frame) {
  if (held_.empty() || held_.front().call != frame.call) return;  // of no job of ours: nothing waits for it
  Held held = std::move(held_.front());
  held_.pop_front();
  deadline_.stop();
  force_.stop();
  const BootTime now = clock_.boot();
  const Micros ran = now - held.started;
  const std::uint64_t peak = frame.max_rss;
  if (!doom_ && frame.end == CallEnd::cancelled) doom_ = doom_at_deadline(*held.job, ran);
  AttemptReport report = report_finished(held.job->leased.lease, std::move(frame), doom_ ? &*doom_ : nullptr);
  const bool forced = force_step_ > 0;  // a signal is on its way: this host is not to be used again
  doom_.reset();
  force_step_ = 0;
  front_begins(now);
  if (forced) keeper_.kill();
  wear(peak);
  events_.finished(std::move(*held.job), std::move(report), ran);
}

// What was sent ahead goes to other hosts.
void CpuWorker::wear(std::uint64_t peak) {
  if (wear_.worn()) return recycle_if_worn();
  wear_.ended_one(keeper_.pid(), peak, clock_.boot());
  if (!wear_.worn()) return;
  while (auto job = recall_last()) events_.returned(std::move(job));
  recycle_if_worn();
}

void CpuWorker::recycle_if_worn() {
  if (wear_.worn() && held_.empty()) keeper_.recycle();
}

void CpuWorker::on_deadline() {
  condemn({AttemptEnd::timeout, timeout_message(held_.front().job->options.timeout.value_or(Micros(0)))});
}

// Cooperative first: the task sees that it is cancelled. Then SIGTERM, then SIGKILL.
void CpuWorker::condemn(Doom doom) {
  if (held_.empty() || doom_) return;
  doom_ = std::move(doom);  // from here on ready() is false
  if (HostProcess* host = keeper_.host()) host->page().cancel = held_.front().call;
  force_step_ = 0;
  force_.start(settings_.kill_grace / 2);
  while (held_.size() > 1) {
    auto job = recall_last();
    if (!job) break;
    events_.returned(std::move(job));
  }
  events_.changed();
}

void CpuWorker::next_force() {
  if (++force_step_ == 1) {
    keeper_.terminate();
    force_.start(settings_.kill_grace - settings_.kill_grace / 2);
  } else {
    keeper_.kill();
  }
}

bool CpuWorker::cancel(const TaskId& task, OwnJob& unstarted) {
  const auto found = std::ranges::find(held_, task, [](const Held& held) { return held.job->leased.lease.task; });
  if (found == held_.end()) return false;
  HostProcess* host = keeper_.host();
  if (host != nullptr && recall_offer(host->page(), found->call)) {
    const bool first = found == held_.begin();
    unstarted = std::move(found->job);
    held_.erase(found);
    if (first) deadline_.stop();
    if (first) front_begins(clock_.boot());
    recycle_if_worn();
  } else if (found == held_.begin()) {
    condemn({AttemptEnd::cancelled, "cancelled while it ran"});
  }
  return true;  // else the host has just begun it: the next look cancels it
}

void CpuWorker::release_running() {
  if (held_.empty()) return;
  doom_ = Doom{AttemptEnd::released, {}};
  deadline_.stop();
  force_.stop();
  keeper_.kill();
}

void CpuWorker::on_ended(const HostEnd& end, const SharedPage& page) {
  deadline_.stop();
  force_.stop();
  force_step_ = 0;
  wear_.renew();
  const std::optional<Doom> doom = std::exchange(doom_, std::nullopt);
  std::deque<Held> held = std::exchange(held_, {});
  // The first ran unless its offer still stands: a task that wrote over the page before it died has run.
  for (Held& each : held) {
    const bool first = &each == &held.front();
    if (first ? offer_open(page, each.call) : !offer_taken(page, each.call)) {
      events_.returned(std::move(each.job));
      continue;
    }
    const Micros ran = clock_.boot() - each.started;
    if (doom) {
      AttemptReport report = report_doom(each.job->leased.lease, *doom);
      events_.finished(std::move(*each.job), std::move(report), ran);
    } else {
      Crash crash = crash_of(end, settings_.plugins, each.job->leased.task.name, words_.take(each.call));
      events_.crashed(std::move(*each.job), std::move(crash), ran);
    }
  }
  events_.changed();
}

void CpuWorker::on_printed(const OutputLine& line) {
  const Held* held = find(line.call);
  printed_.write(keeper_.label(), held != nullptr ? held->job.get() : nullptr, line.text);
  words_.add(line.call, line.text);
  if (held == nullptr) return;  // by what an ended task has left running
  events_.logged(held->job->leased.lease, output_line(*held->job, line.text, clock_.wall()));
}

void CpuWorker::add_held(std::vector<TaskId>& out) const {
  for (const Held& held : held_) out.push_back(held.job->leased.lease.task);
}

HostHealth CpuWorker::health() const {
  HostHealth out = health_of(keeper_, Kind::cpu, held_.size());
  if (!held_.empty()) add_work(out, *held_.front().job, held_.front().started, clock_.boot(), settings_.kill_grace);
  return out;
}

}  // namespace flowrra
