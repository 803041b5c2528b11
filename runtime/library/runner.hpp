#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "app/spec_cache.hpp"
#include "base/fd.hpp"
#include "library/clients.hpp"
#include "library/engine.hpp"
#include "library/record.hpp"
#include "library/task_set.hpp"

namespace flowrra::library {

struct Submission;

// What App and the executors are made of: clients to submit and look, and an engine while it is started. Throws the
// public errors. [any thread]
class Runner {
 public:
  struct Role {
    std::optional<flowrra::Kind> only;  // runs and takes tasks of this kind alone, and takes them only while it runs
    std::string queue_suffix;
  };
  Runner(flowrra::Config config, RegisteredTasks tasks, Role role);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner();

  [[nodiscard]] bool running() const noexcept { return running_.load(); }
  void start();
  void stop(bool wait, std::optional<std::chrono::milliseconds> timeout);

  std::string submit(std::string_view name, const Json& args, const Json& kwargs, int priority);
  std::string submit(std::string_view name, std::string json, const Submission& how);
  TaskResult wait(const std::string& id, std::optional<std::chrono::milliseconds> timeout);
  std::optional<TaskResult> get(const std::string& id);
  bool cancel(const std::string& id);
  void retry(const std::string& id);

 private:
  using Known = std::shared_ptr<const KnownTasks>;
  [[nodiscard]] std::unique_ptr<Engine> make_engine();
  [[nodiscard]] Known known() const;
  void learn(const std::vector<TaskSpec>& specs);
  SharedSpec spec(std::string_view name);
  std::string push(NewTask task, const CheckedSpec& version);

  flowrra::Config config_;
  RegisteredTasks tasks_;  // null: none
  Role role_;
  Clients clients_;
  UniqueFd stopped_;  // an eventfd, readable while the engine does not run
  std::atomic<bool> running_ = false;
  mutable std::mutex mutex_;
  Known known_;  // guarded by mutex_
  SpecCache published_;
  std::mutex life_;                 // of start(), and of who takes the engine
  std::shared_ptr<Engine> engine_;  // guarded by life_
};

}  // namespace flowrra::library
