#pragma once

// Executors: this program as a node for tasks of one kind.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "flowrra/library/config.hpp"
#include "flowrra/library/errors.hpp"
#include "flowrra/library/registry.hpp"
#include "flowrra/library/submission.hpp"
#include "flowrra/library/task_result.hpp"

namespace flowrra::library {

// How long a stop waits for what runs.
inline constexpr std::chrono::milliseconds kStopTimeout = std::chrono::seconds(30);

// Takes tasks of one kind from the broker, runs them in hosts, and keeps their results. It has threads of its own,
// whose signals are all blocked, and installs no signal handler. Functions may be called from every thread, at the same
// time from several. Every function may throw StoreError.
class Executor {
 public:
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  // Stops without waiting: what runs is handed back to its queue, for the next executor.
  virtual ~Executor();

  // True from the return of start() to the call of stop().
  [[nodiscard]] bool is_running() const noexcept;

  // Opens the stores, looks into the plugins of the configuration, starts the hosts, and returns once tasks are taken.
  // Does nothing when it runs already. HostError when this program cannot be its own host; ConfigError.
  void start();

  // Takes no more tasks. With `wait`, what runs may finish within `timeout` (none: as long as it takes); the rest, or
  // without `wait` everything, is stopped and handed back to its queue with its attempt refunded. Returns when every
  // host has ended. Another thread that waits in stop() is hurried by a call without `wait`. After it start() begins
  // anew.
  void stop(bool wait = true, std::optional<std::chrono::milliseconds> timeout = kStopTimeout);

  // Queues a task with arguments by position, by name, or both, and returns its id once that is as durable as the store
  // is configured to be. A lower priority runs first. ExecutorNotRunningError, TaskNotFoundError, TypeError for a task
  // of the other kind, ArgumentsError, QueueFullError, DuplicateError.
  std::string submit(std::string_view name, const Json& args = Json::array(), const Json& kwargs = Json::object(),
                     int priority = 0);
  // The same with typed arguments and all options: submit("add", flowrra::args(2, 3), {.priority = 5}).
  std::string submit(std::string_view name, const Arguments& args, const Submission& how = {});

  // Waits until the task has ended, however it ended, for `timeout` at most (none: as long as it takes).
  // TimeoutError, UnknownIdError; ExecutorNotRunningError when it has not ended and this executor does not run.
  TaskResult wait_for_result(const std::string& id, std::optional<std::chrono::milliseconds> timeout = std::nullopt);

  // The task as it stands now, ended or not; nothing for an id that nobody knows.
  std::optional<TaskResult> get_result(const std::string& id);

  // Ends the task: one that waits never runs, one that runs is asked to end and, if it does not, stopped by force; then
  // it is cancelled. False when it had ended already. UnknownIdError.
  bool cancel(const std::string& id);

  // Gives a task that failed, was cancelled or expired another life, with all its retries. UnknownIdError;
  // ArgumentsError for a task that succeeded or has not ended.
  void retry(const std::string& id);

 protected:
  Executor(const Config& config, const TaskRegistry& registry, Kind kind, std::string_view queue_suffix);

 private:
  std::unique_ptr<class Runner> runner_;
};

// Runs io tasks: coroutines on the loop of an io host, up to [executor] io_workers at a time, and ordinary functions on
// its pool threads.
class IoExecutor final : public Executor {
 public:
  // Copies the configuration and shares the registry, which must be sealed when start() is called. The suffix is put
  // behind the names of its queues, with '.' for ':': "default.io" by default. Two executors with the same broker and
  // suffix share the work. An empty suffix means the queues that the command line uses.
  IoExecutor(const Config& config, const TaskRegistry& registry, std::string_view queue_suffix = ":io");
};

// Runs cpu tasks, one at a time in each of [executor] cpu_workers processes.
class CpuExecutor final : public Executor {
 public:
  // As IoExecutor. ConfigError when the configuration does not say where results live: set "backend.url", which may be
  // the broker's URL or memory://.
  CpuExecutor(const Config& config, const TaskRegistry& registry, std::string_view queue_suffix = ":cpu");
};

}  // namespace flowrra::library
