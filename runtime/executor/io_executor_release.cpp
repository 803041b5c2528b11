// How an io executor gets rid of jobs: cancelled, handed back, given up.

#include <algorithm>
#include <utility>

#include "executor/io_executor.hpp"
#include "executor/verdict.hpp"

namespace flowrra {

void IoExecutor::cancel(const TaskId& task) {
  for (std::deque<OwnJob>* jobs : {&loop_jobs_.waiting, &pool_jobs_.waiting, &suspects_}) {
    if (cancel_waiting(*jobs, task)) return;
  }
  for (auto* hosts : {&workers_, &isolated_}) {
    for (auto& worker : *hosts) {
      if (worker->cancel(task)) return;
    }
  }
}

bool IoExecutor::cancel_waiting(std::deque<OwnJob>& jobs, const TaskId& task) {
  const auto found = std::ranges::find(jobs, task, [](const OwnJob& job) { return job->leased.lease.task; });
  if (found == jobs.end()) return false;
  const OwnJob job = std::move(*found);
  jobs.erase(found);
  AttemptReport cancelled = report_doom(job->leased.lease, {AttemptEnd::cancelled, "cancelled before it began"});
  report(std::move(*job), std::move(cancelled));
  return true;
}

void IoExecutor::release(std::deque<OwnJob>& jobs, std::size_t kept) {
  while (jobs.size() > kept) {
    const OwnJob job = std::move(jobs.back());
    jobs.pop_back();
    AttemptReport released = report_doom(job->leased.lease, Doom{AttemptEnd::released, {}});
    report(std::move(*job), std::move(released));
  }
}

void IoExecutor::watch_surplus() {
  const bool loop_rests = release_surplus(loop_jobs_);
  if (!release_surplus(pool_jobs_) || !loop_rests) stale_.start(ReadAhead::kStale);
}

// False: there is one to be looked at again.
bool IoExecutor::release_surplus(Share& share) {
  const auto most = static_cast<std::size_t>(std::max(0, surplus(share)));
  if (most > 0 && !share.read_ahead.is_stale(clock_.boot())) return false;
  const std::size_t waiting = share.waiting.size();
  release(share.waiting, waiting - std::min(most, waiting));
  if (most > waiting) recall_waiting();
  return true;
}

std::vector<Job> IoExecutor::take_unstarted() {
  std::vector<Job> jobs;
  for (std::deque<OwnJob>* waiting : {&loop_jobs_.waiting, &pool_jobs_.waiting, &suspects_}) {
    for (const OwnJob& job : std::exchange(*waiting, {})) {
      --share_of(*job).in_flight;
      jobs.push_back(std::move(*job));
    }
  }
  return jobs;
}

void IoExecutor::release_unstarted() {
  release(loop_jobs_.waiting);
  release(pool_jobs_.waiting);
  release(suspects_);
  recall_waiting();
}

void IoExecutor::recall_waiting() {
  for (auto& worker : workers_) worker->recall_waiting();
}

void IoExecutor::release_all() {
  desk_.give_up();
  release_unstarted();
  for (auto& worker : workers_) worker->release_running();
  for (auto& worker : isolated_) worker->release_running();
}

}  // namespace flowrra
