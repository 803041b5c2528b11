#include "executor/cpu_executor.hpp"

#include <algorithm>
#include <utility>

#include "executor/missing_tasks.hpp"
#include "executor/standing.hpp"
#include "executor/verdict.hpp"

namespace flowrra {
CpuExecutor::CpuExecutor(Loop& loop, const Clock& clock, HostSettings settings, int workers, ExecutorEvents events)
    : settings_(std::move(settings)),
      clock_(clock),
      events_(std::move(events)),
      stale_(loop, [this] { release_surplus(); }),
      desk_(loop, clock, settings_.unwinder) {
  for (int i = 1; i <= workers; ++i) {
    workers_.push_back(std::make_unique<CpuWorker>(
        loop, settings_, clock_, "cpu-" + std::to_string(i) + mark_of(settings_),
        CpuWorker::Events{
            .finished = [this](Job&& job, AttemptReport&& report,
                               Micros ran) { on_finished(std::move(job), std::move(report), ran); },
            .crashed = [this](Job job, Crash crash, Micros ran) { on_crashed(std::move(job), std::move(crash), ran); },
            .progressed = [this](const Lease& lease,
                                 std::string progress) { events_.progressed(lease, std::move(progress)); },
            .logged = [this](const Lease& lease, LogLine line) { events_.logged(lease, std::move(line)); },
            .returned = [this](OwnJob job) { on_returned(std::move(job)); },
            .changed = [this] { on_changed(); }}));
  }
  for (auto& worker : workers_) worker->start();
}

CpuExecutor::~CpuExecutor() = default;

int CpuExecutor::capacity() { return std::max(0, read_ahead_.allowance(clock_.boot()) - surplus()); }

// Negative: free workers.
int CpuExecutor::surplus() const { return in_flight_ - desk_.waiting() - static_cast<int>(workers_.size()); }

void CpuExecutor::start(Job&& job) {
  ++in_flight_;
  waiting_.push_back(std::make_unique<Job>(std::move(job)));
  assign();
  if (surplus() > 0 && !stale_.active()) stale_.start(ReadAhead::kStale);
}

void CpuExecutor::assign() {
  while (!waiting_.empty()) {
    const std::string& task = waiting_.front()->leased.task.name;
    const bool missing = !runs(task);
    CpuWorker* worker = missing ? nullptr : worker_for(task);
    if (worker == nullptr && !missing) return;
    OwnJob job = std::move(waiting_.front());
    waiting_.pop_front();
    if (missing) {
      AttemptReport lost = report_missing(job->leased);
      report(std::move(*job), std::move(lost));
    } else {
      worker->give(std::move(job));
    }
  }
  balance();
}

CpuWorker* CpuExecutor::worker_for(const std::string& task) {
  CpuWorker* idle = idle_worker(task);
  return idle != nullptr ? idle : worker_for_ahead(task);
}

CpuWorker* CpuExecutor::idle_worker(const std::string& task) {
  for (auto& worker : workers_) {
    if (worker->ready() && worker->load() == 0 && !worker->lacking().contains(task)) return worker.get();
  }
  return nullptr;
}

CpuWorker* CpuExecutor::worker_for_ahead(const std::string& task) {
  CpuWorker* best = nullptr;
  for (auto& worker : workers_) {
    if (!worker->ready() || worker->lacking().contains(task)) continue;
    if (best == nullptr || worker->load() < best->load()) best = worker.get();
  }
  return best != nullptr && best->load() <= run_times_.ahead(task) ? best : nullptr;
}

// An idle host gets half of what was sent ahead to the busiest one.
void CpuExecutor::balance() {
  const auto next_idle = [this]() -> CpuWorker* {
    const auto found = std::ranges::find_if(workers_, [](const auto& worker) {
      return worker->ready() && worker->load() == 0 && worker->lacking().empty();
    });
    return found == workers_.end() ? nullptr : found->get();
  };
  for (CpuWorker* idle = next_idle(); idle != nullptr; idle = next_idle()) {
    const auto busiest = std::max_element(workers_.begin(), workers_.end(),
                                          [](const auto& a, const auto& b) { return a->load() < b->load(); });
    std::vector<OwnJob> jobs;
    for (std::size_t wanted = (*busiest)->load() / 2; wanted > 0; --wanted) {
      auto job = (*busiest)->recall_last();
      if (!job) break;
      jobs.push_back(std::move(job));
    }
    if (jobs.empty()) return;
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) idle->give(std::move(*job));
  }
}

void CpuExecutor::on_finished(Job&& job, AttemptReport&& report, Micros ran) {
  --in_flight_;
  read_ahead_.finished(clock_.boot(), ran);
  run_times_.ended(job.leased.task.name, ran);
  events_.finished(std::move(job), std::move(report));
  retiring_ ? on_changed() : assign();
}

void CpuExecutor::on_returned(OwnJob job) {
  if (stopping_) return report_unstarted(std::move(*job), {AttemptEnd::released, {}});
  waiting_.push_front(std::move(job));
}

// The host that died is replaced meanwhile, and runs others.
void CpuExecutor::on_crashed(Job job, Crash crash, Micros ran) {
  auto held = std::make_shared<Job>(std::move(job));
  const TaskId task = held->leased.lease.task;
  examined_.insert(task);
  desk_.examine(std::move(crash), [this, held, ran, task](const Crash& examined) {
    examined_.erase(task);
    AttemptReport report = report_crash(*held, examined);
    on_finished(std::move(*held), std::move(report), ran);
  });
}

void CpuExecutor::on_changed() {
  if (events_.hosts_changed) events_.hosts_changed();
  if (!stopping_) {
    if (auto missing = missing_tasks(workers_); missing != missing_) {
      missing_ = std::move(missing);
      events_.tasks_changed();
    }
    assign();
    return;
  }
  if (retiring_) stop_unused(workers_);
  if (retiring_ && in_flight_ > 0) return;
  const bool none =
      std::none_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->running(); });
  if (none && !std::exchange(told_idle_, true)) events_.idle();
}

// Of a job that no host was given, or has not begun.
void CpuExecutor::report(Job&& job, AttemptReport&& report) {
  --in_flight_;
  events_.finished(std::move(job), std::move(report));
}

void CpuExecutor::report_unstarted(Job job, const Doom& doom) {
  AttemptReport unstarted = report_doom(job.leased.lease, doom);
  report(std::move(job), std::move(unstarted));
}

void CpuExecutor::cancel(const TaskId& task) {
  OwnJob unstarted;
  const auto waits = std::ranges::find(waiting_, task, [](const OwnJob& job) { return job->leased.lease.task; });
  if (waits != waiting_.end()) {
    unstarted = std::move(*waits);
    waiting_.erase(waits);
  }
  for (auto& worker : workers_) {
    if (unstarted || worker->cancel(task, unstarted)) break;
  }
  if (unstarted) report_unstarted(std::move(*unstarted), {AttemptEnd::cancelled, "cancelled before it began"});
  assign();
}

std::vector<OwnJob> CpuExecutor::take_back() {
  std::vector<OwnJob> jobs;
  for (auto& worker : workers_) {
    while (auto job = worker->recall_last()) jobs.push_back(std::move(job));
  }
  for (OwnJob& job : std::exchange(waiting_, {})) jobs.push_back(std::move(job));
  return jobs;
}

std::vector<Job> CpuExecutor::take_unstarted() {
  std::vector<Job> jobs;
  for (const OwnJob& job : take_back()) jobs.push_back(std::move(*job));
  in_flight_ -= static_cast<int>(jobs.size());
  return jobs;
}

void CpuExecutor::release_unstarted() {
  for (const OwnJob& job : take_back()) report_unstarted(std::move(*job), {AttemptEnd::released, {}});
}

OwnJob CpuExecutor::last_unstarted() {
  if (waiting_.empty()) {
    const auto busiest = std::ranges::max_element(workers_, {}, [](const auto& worker) { return worker->load(); });
    return busiest == workers_.end() ? nullptr : (*busiest)->recall_last();
  }
  OwnJob job = std::move(waiting_.back());
  waiting_.pop_back();
  return job;
}

void CpuExecutor::release_surplus() {
  if (surplus() <= 0) return;
  if (!read_ahead_.is_stale(clock_.boot())) return stale_.start(ReadAhead::kStale);
  while (surplus() > 0) {
    auto job = last_unstarted();
    if (!job) return;
    report_unstarted(std::move(*job), {AttemptEnd::released, {}});
  }
}

void CpuExecutor::release_all() {
  desk_.give_up();
  release_unstarted();
  for (auto& worker : workers_) worker->release_running();
}

Standing CpuExecutor::standing() const { return standing_of(workers_); }

void CpuExecutor::retire() {
  stopping_ = retiring_ = true;
  on_changed();
}

void CpuExecutor::stop_hosts() {
  stopping_ = true;
  for (auto& worker : workers_) worker->stop();
  on_changed();
}

void CpuExecutor::add_held(std::vector<TaskId>& out) const {
  for (const OwnJob& job : waiting_) out.push_back(job->leased.lease.task);
  out.insert(out.end(), examined_.begin(), examined_.end());
  for (const auto& worker : workers_) worker->add_held(out);
}

void CpuExecutor::add_health(NodeHealth& out) const {
  out.room.push_back({"cpu", static_cast<int>(workers_.size()), in_flight_});
  for (const auto& worker : workers_) out.hosts.push_back(worker->health());
}

}  // namespace flowrra
