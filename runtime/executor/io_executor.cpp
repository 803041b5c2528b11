#include "executor/io_executor.hpp"

#include <algorithm>
#include <utility>

#include "executor/missing_tasks.hpp"
#include "executor/standing.hpp"
#include "executor/verdict.hpp"

namespace flowrra {
namespace {

constexpr int kMostIsolated = 8;  // hosts at once

}  // namespace

IoExecutor::IoExecutor(Loop& loop, const Clock& clock, HostSettings settings, int hosts, int slots,
                       ExecutorEvents events)
    : loop_(loop),
      clock_(clock),
      settings_(std::move(settings)),
      events_(std::move(events)),
      desk_(loop, clock, settings_.unwinder),
      stale_(loop, [this] { watch_surplus(); }),
      most_isolated_(static_cast<std::size_t>(std::clamp(slots, 1, kMostIsolated))),
      sweep_(loop, [this] { std::erase_if(leaving_, [](const auto& worker) { return !worker->running(); }); }) {
  loop_jobs_.slots = slots;
  pool_jobs_.slots = settings_.blocking_threads * hosts;
  for (int i = 1; i <= hosts; ++i) {
    workers_.push_back(std::make_unique<IoWorker>(loop_, settings_, clock_,
                                                  "io-" + std::to_string(i) + mark_of(settings_), IoWorker::Use::shared,
                                                  worker_events()));
  }
  for (auto& worker : workers_) worker->start();
}

IoExecutor::~IoExecutor() = default;

IoWorker::Events IoExecutor::worker_events() {
  return {.finished = [this](Job&& job, AttemptReport&& report,
                             Micros ran) { on_finished(std::move(job), std::move(report), ran); },
          .crashed = [this](Job job, Crash crash, Micros ran) { on_crashed(std::move(job), std::move(crash), ran); },
          .returned = [this](OwnJob job) { on_returned(std::move(job)); },
          .progressed = [this](const Lease& lease,
                               std::string progress) { events_.progressed(lease, std::move(progress)); },
          .logged = [this](const Lease& lease, LogLine line) { events_.logged(lease, std::move(line)); },
          .changed = [this] { on_changed(); }};
}

int IoExecutor::capacity() { return capacity_of(loop_jobs_); }
int IoExecutor::blocking_capacity() { return capacity_of(pool_jobs_); }

int IoExecutor::capacity_of(Share& share) {
  return std::max(0, share.read_ahead.allowance(clock_.boot()) - surplus(share));
}

void IoExecutor::start(Job&& job) {
  Share& share = share_of(job);
  ++share.in_flight;
  auto& waiting = job.leased.suspect ? suspects_ : share.waiting;
  waiting.push_back(std::make_unique<Job>(std::move(job)));
  assign();
  if (surplus(share) > 0 && !stale_.active()) stale_.start(ReadAhead::kStale);
}

void IoExecutor::assign() {
  assign(loop_jobs_);
  assign(pool_jobs_);
  assign_isolated();
}

void IoExecutor::assign(Share& share) {
  while (!share.waiting.empty() && share.running < share.slots + ahead(*share.waiting.front())) {
    const std::string& task = share.waiting.front()->leased.task.name;
    const bool missing = !runs(task);
    IoWorker* worker = missing ? nullptr : least_loaded(task);
    if (worker == nullptr && !missing) return;
    OwnJob job = std::move(share.waiting.front());
    share.waiting.pop_front();
    if (missing) {
      AttemptReport lost = report_missing(job->leased);
      report(std::move(*job), std::move(lost));
    } else {
      ++share.running;
      worker->give(std::move(job));
    }
  }
}

// How many jobs may wait for a thread in their host. With several hosts they might wait in one while another has a
// thread for them; and the time of one with a deadline runs from when it is sent.
int IoExecutor::ahead(const Job& job) const {
  if (!job.blocking || workers_.size() != 1 || job.options.timeout.value_or(Micros(0)) > Micros(0)) return 0;
  return static_cast<int>(pool_times_.ahead(job.leased.task.name));
}

IoWorker* IoExecutor::least_loaded(const std::string& task) {
  IoWorker* best = nullptr;
  for (auto& worker : workers_) {
    if (!worker->ready() || worker->lacking().contains(task)) continue;
    const auto rank = [](const IoWorker& each) { return std::pair(each.worn(), each.load()); };
    if (best == nullptr || rank(*worker) < rank(*best)) best = worker.get();
  }
  return best;
}

void IoExecutor::assign_isolated() {
  if (stopping_) return;
  start_isolated();
  for (auto& worker : isolated_) {
    if (suspects_.empty() || !worker->ready() || worker->load() > 0) continue;
    OwnJob job = std::move(suspects_.front());
    suspects_.pop_front();
    if (worker->lacking().contains(job->leased.task.name)) {
      AttemptReport lost = report_missing(job->leased);
      report(std::move(*job), std::move(lost));
      return assign_isolated();
    }
    ++share_of(*job).running;
    worker->give(std::move(job));
  }
  if (suspects_.empty()) stop_isolated();
}

// As many as the suspects that wait could use.
void IoExecutor::start_isolated() {
  const auto idle = [](const auto& worker) { return worker->load() == 0; };
  auto free = static_cast<std::size_t>(std::ranges::count_if(isolated_, idle));
  for (std::size_t n = 1; free < suspects_.size() && isolated_.size() < most_isolated_; ++n) {
    const std::string label = "io-isolated-" + std::to_string(n) + mark_of(settings_);
    if (std::ranges::find(isolated_, label, [](const auto& worker) { return worker->label(); }) != isolated_.end()) {
      continue;
    }
    isolated_.push_back(
        std::make_unique<IoWorker>(loop_, settings_, clock_, label, IoWorker::Use::isolated, worker_events()));
    isolated_.back()->start();
    ++free;
  }
}

// Those that no suspect needs.
void IoExecutor::stop_isolated() {
  for (auto& worker : isolated_) {
    if (worker->load() > 0) continue;
    worker->stop();
    leaving_.push_back(std::move(worker));
    sweep_.request();
  }
  std::erase(isolated_, nullptr);
}

void IoExecutor::on_finished(Job&& job, AttemptReport&& report, Micros ran) {
  --share_of(job).running;
  settled(std::move(job), std::move(report), ran);
}

// The host that died is replaced meanwhile, and runs others.
void IoExecutor::on_crashed(Job job, Crash crash, Micros ran) {
  --share_of(job).running;
  ++share_of(job).examined;
  auto held = std::make_shared<Job>(std::move(job));
  examined_.insert(held->leased.lease.task);
  desk_.examine(std::move(crash), [this, held, ran](const Crash& examined) {
    examined_.erase(held->leased.lease.task);
    --share_of(*held).examined;
    AttemptReport report = report_crash(*held, examined);
    settled(std::move(*held), std::move(report), ran);
  });
}

void IoExecutor::on_returned(OwnJob job) {
  Share& share = share_of(*job);
  --share.running;
  share.waiting.push_front(std::move(job));
  if (stopping_) release(share.waiting);
}

void IoExecutor::settled(Job&& job, AttemptReport&& report, Micros ran) {
  Share& share = share_of(job);
  --share.in_flight;
  if (report.end != AttemptEnd::released) {
    share.read_ahead.finished(clock_.boot(), ran);
    if (job.blocking) pool_times_.ended(job.leased.task.name, ran);
  }
  events_.finished(std::move(job), std::move(report));
  retiring_ ? on_changed() : assign();
}

void IoExecutor::stop_unused_hosts() {
  stop_unused(workers_);
  stop_isolated();
}

void IoExecutor::on_changed() {
  if (!leaving_.empty()) sweep_.request();
  if (events_.hosts_changed) events_.hosts_changed();
  if (!stopping_) {
    if (auto missing = missing_tasks(workers_); missing != missing_) {
      missing_ = std::move(missing);
      events_.tasks_changed();
    }
    assign();
    return;
  }
  if (retiring_) stop_unused_hosts();
  if (retiring_ && in_flight() > 0) return;
  const auto ended = [](const auto& hosts) {
    return std::ranges::none_of(hosts, [](const auto& worker) { return worker->running(); });
  };
  if (ended(workers_) && ended(isolated_) && ended(leaving_) && !std::exchange(told_idle_, true)) events_.idle();
}

IoExecutor::Share& IoExecutor::share_of(const Job& job) { return job.blocking ? pool_jobs_ : loop_jobs_; }

// Of a job that no host was given.
void IoExecutor::report(Job&& job, AttemptReport&& report) {
  --share_of(job).in_flight;
  events_.finished(std::move(job), std::move(report));
}

Standing IoExecutor::standing() const { return standing_of(workers_); }

void IoExecutor::retire() {
  stopping_ = retiring_ = true;
  on_changed();
}

void IoExecutor::stop_hosts() {
  stopping_ = true;
  for (auto& worker : workers_) worker->stop();
  stop_isolated();
  on_changed();
}

void IoExecutor::add_held(std::vector<TaskId>& out) const {
  for (const std::deque<OwnJob>* jobs : {&loop_jobs_.waiting, &pool_jobs_.waiting, &suspects_}) {
    for (const OwnJob& job : *jobs) out.push_back(job->leased.lease.task);
  }
  out.insert(out.end(), examined_.begin(), examined_.end());
  for (const auto& worker : workers_) worker->add_held(out);
  for (const auto& worker : isolated_) worker->add_held(out);
}

void IoExecutor::add_health(NodeHealth& out) const {
  if (workers_.empty()) return;  // the node has no io task
  out.room.push_back({"io", loop_jobs_.slots, loop_jobs_.in_flight});
  out.room.push_back({"blocking", pool_jobs_.slots, pool_jobs_.in_flight});
  for (const auto& worker : workers_) out.hosts.push_back(worker->health());
  for (const auto& worker : isolated_) out.hosts.push_back(worker->health());
}

}  // namespace flowrra
