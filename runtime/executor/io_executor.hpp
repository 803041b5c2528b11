#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <vector>

#include "executor/executor.hpp"
#include "executor/io_worker.hpp"
#include "executor/read_ahead.hpp"
#include "executor/run_times.hpp"

namespace flowrra {

// Runs io jobs, many at a time in each of a few hosts. Functions that block are counted apart: they use the hosts'
// pool threads. Where there is one host, short ones are sent ahead, so that its threads need not wait for the node. A
// suspect runs in a host of its own, where a crash can only be its own; a few such hosts at once are started as
// suspects come, and stopped when there are no more. All on the loop thread.
class IoExecutor final : public Executor {
 public:
  // `slots` jobs are in flight at most, over all hosts. Borrows loop and clock.
  IoExecutor(Loop& loop, const Clock& clock, HostSettings settings, int hosts, int slots, ExecutorEvents events);
  ~IoExecutor() override;

  // How many more jobs it takes now, read-ahead included: those that live on the loop, and those that block.
  [[nodiscard]] int capacity();
  [[nodiscard]] int blocking_capacity();
  // Without it.
  [[nodiscard]] int free_slots() const { return std::max(0, -surplus(loop_jobs_)); }
  [[nodiscard]] int free_blocking_slots() const { return std::max(0, -surplus(pool_jobs_)); }

  void start(Job&& job) override;
  [[nodiscard]] int in_flight() const override { return loop_jobs_.in_flight + pool_jobs_.in_flight; }
  [[nodiscard]] bool runs(const std::string& task) const override { return !missing_.contains(task); }
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
  // The jobs of one way to run: on the loop, or on pool threads.
  struct Share {
    int slots = 0;
    int in_flight = 0;  // waiting ones included
    int running = 0;    // given to a host
    int examined = 0;   // crashed; their reports are not complete
    std::deque<OwnJob> waiting;
    ReadAhead read_ahead;
  };
  int capacity_of(Share& share);
  static int surplus(const Share& share) { return share.in_flight - share.examined - share.slots; }
  void watch_surplus();
  bool release_surplus(Share& share);
  IoWorker::Events worker_events();
  void assign();
  void assign(Share& share);
  [[nodiscard]] int ahead(const Job& job) const;
  void assign_isolated();
  void start_isolated();
  void stop_isolated();
  IoWorker* least_loaded(const std::string& task);
  void on_finished(Job&& job, AttemptReport&& report, Micros ran);
  void on_crashed(Job job, Crash crash, Micros ran);
  void on_returned(OwnJob job);
  void settled(Job&& job, AttemptReport&& report, Micros ran);
  void report(Job&& job, AttemptReport&& report);
  void on_changed();
  void stop_unused_hosts();
  void release(std::deque<OwnJob>& jobs, std::size_t kept = 0);  // the last ones
  void recall_waiting();
  bool cancel_waiting(std::deque<OwnJob>& jobs, const TaskId& task);
  Share& share_of(const Job& job);

  Loop& loop_;
  const Clock& clock_;
  HostSettings settings_;
  ExecutorEvents events_;
  Share loop_jobs_;
  Share pool_jobs_;
  RunTimes pool_times_;  // from when a job was sent
  std::deque<OwnJob> suspects_;
  std::set<std::string> missing_;  // the tasks that no host has
  std::set<TaskId> examined_;      // crashed; their reports are not complete
  CrashDesk desk_;
  Timer stale_;  // runs while more is held than there are slots
  bool stopping_ = false;
  bool retiring_ = false;
  bool told_idle_ = false;
  std::vector<std::unique_ptr<IoWorker>> workers_;
  std::size_t most_isolated_;
  std::vector<std::unique_ptr<IoWorker>> isolated_;  // one suspect in each
  std::vector<std::unique_ptr<IoWorker>> leaving_;   // that were isolated, and end
  Deferred sweep_;                                   // of those that have ended: not in a call of theirs
};

}  // namespace flowrra
