#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "executor/cpu_worker.hpp"
#include "executor/executor.hpp"
#include "executor/read_ahead.hpp"
#include "executor/run_times.hpp"

namespace flowrra {

// Runs cpu jobs in a fixed number of hosts, one at a time in each. Short jobs are sent ahead, so that a host need not
// wait for the node between two of them; they are recalled when another host is idle. All on the loop thread.
class CpuExecutor final : public Executor {
 public:
  // Borrows loop and clock.
  CpuExecutor(Loop& loop, const Clock& clock, HostSettings settings, int workers, ExecutorEvents events);
  ~CpuExecutor() override;

  // How many more jobs it takes now, read-ahead included, and without it.
  [[nodiscard]] int capacity();
  [[nodiscard]] int free_slots() const { return std::max(0, -surplus()); }

  [[nodiscard]] int in_flight() const override { return in_flight_; }
  [[nodiscard]] bool runs(const std::string& task) const override { return !missing_.contains(task); }
  void start(Job&& job) override;
  void cancel(const TaskId& task) override;
  void add_held(std::vector<TaskId>& out) const override;
  void add_health(NodeHealth& out) const override;
  void release_unstarted() override;
  void release_all() override;
  std::vector<Job> take_unstarted() override;
  [[nodiscard]] Standing standing() const override;
  void stop_hosts() override;
  void retire() override;

 private:
  void assign();
  CpuWorker* worker_for(const std::string& task);
  CpuWorker* idle_worker(const std::string& task);
  CpuWorker* worker_for_ahead(const std::string& task);
  void balance();
  void on_finished(Job&& job, AttemptReport&& report, Micros ran);
  void on_crashed(Job job, Crash crash, Micros ran);
  void on_returned(OwnJob job);
  void on_changed();
  void report(Job&& job, AttemptReport&& report);
  void report_unstarted(Job job, const Doom& doom);
  std::vector<OwnJob> take_back();
  [[nodiscard]] int surplus() const;
  OwnJob last_unstarted();
  void release_surplus();

  HostSettings settings_;
  const Clock& clock_;
  ExecutorEvents events_;
  int in_flight_ = 0;
  bool stopping_ = false;
  bool retiring_ = false;
  bool told_idle_ = false;
  std::deque<OwnJob> waiting_;
  RunTimes run_times_;
  ReadAhead read_ahead_;
  Timer stale_;                    // runs while more is held than there are workers
  std::set<std::string> missing_;  // the tasks that no host has
  std::set<TaskId> examined_;      // crashed; their reports are not complete
  CrashDesk desk_;
  std::vector<std::unique_ptr<CpuWorker>> workers_;
};

}  // namespace flowrra
