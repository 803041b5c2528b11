#pragma once

// App: everything in one object.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "flowrra/library/config.hpp"
#include "flowrra/library/errors.hpp"
#include "flowrra/library/executor.hpp"
#include "flowrra/library/registry.hpp"
#include "flowrra/library/submission.hpp"
#include "flowrra/library/task_result.hpp"

namespace flowrra::library {

// A configuration, the tasks of this program and those of the configured plugins, put together. Each task goes to the
// executor of its kind. It uses the queues that the command line uses: a program with an App can run what `flowrra
// submit` queued, and a node (`flowrra run`) what an App queued.
//
// Without start() it only submits and looks, and costs one open store. With start() it is a node, too.
// Functions may be called from every thread, at the same time from several; every function may throw StoreError.
class App {
 public:
  // For a program that only submits and waits: what tasks there are is known from the nodes on the same store or,
  // while there was none yet, from the plugins of the configuration.
  explicit App(const Config& config);
  // Copies the configuration and shares the registry.
  App(const Config& config, const TaskRegistry& registry);
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  // Stops without waiting.
  ~App();

  // As those of Executor, for tasks of both kinds.
  [[nodiscard]] bool is_running() const noexcept;
  void start();
  void stop(bool wait = true, std::optional<std::chrono::milliseconds> timeout = kStopTimeout);

  // As those of Executor, started or not. TaskNotFoundError for a name that nobody offers.
  std::string submit(std::string_view name, const Json& args = Json::array(), const Json& kwargs = Json::object(),
                     int priority = 0);
  std::string submit(std::string_view name, const Arguments& args, const Submission& how = {});
  TaskResult wait(const std::string& id, std::optional<std::chrono::milliseconds> timeout = std::nullopt);
  TaskResult wait_for_result(const std::string& id, std::optional<std::chrono::milliseconds> timeout = std::nullopt) {
    return wait(id, timeout);
  }
  std::optional<TaskResult> get_result(const std::string& id);
  bool cancel(const std::string& id);
  void retry(const std::string& id);

  // Submits, waits, and gives the value: int sum = app.call<int>("add", 2, 3). TaskFailedError when it did not succeed.
  template <class R, class... T>
  R call(std::string_view name, const T&... values) {
    const TaskResult result = wait(submit(name, args(values...)));
    if constexpr (std::is_void_v<R>) {
      result.require_success();
    } else {
      return result.template value<R>();
    }
  }

 private:
  std::unique_ptr<class Runner> runner_;
};

}  // namespace flowrra::library
