#pragma once

#include <vector>

#include "executor/cpu_executor.hpp"
#include "executor/io_executor.hpp"
#include "node/options.hpp"

namespace flowrra {

// The hosts of one set of plugins: both executors. All on the loop thread.
class Generation {
 public:
  // `events.idle` is called once, when the hosts of both have ended. Borrows loop and clock.
  Generation(Loop& loop, const Clock& clock, const NodeOptions& options, int number, const ExecutorEvents& events);
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  [[nodiscard]] int number() const { return number_; }
  IoExecutor& io() { return io_; }
  CpuExecutor& cpu() { return cpu_; }

  [[nodiscard]] int in_flight() const { return io_.in_flight() + cpu_.in_flight(); }
  [[nodiscard]] Standing standing() const;
  // All its hosts have ended: it may be destroyed, but not in an event of its own.
  [[nodiscard]] bool ended() const { return idle_ == kExecutors; }

  void add_held(std::vector<TaskId>& out) const;
  void add_health(NodeHealth& out) const;

  void cancel(const TaskId& task);
  std::vector<Job> take_unstarted();
  void release_unstarted();
  void release_all();
  void stop_hosts();
  void retire();

 private:
  static constexpr int kExecutors = 2;
  ExecutorEvents counting(ExecutorEvents events);

  int number_;
  int idle_ = 0;
  IoExecutor io_;
  CpuExecutor cpu_;
};

}  // namespace flowrra
