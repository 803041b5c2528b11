#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "executor/cpu_executor.hpp"
#include "executor/io_executor.hpp"
#include "support/build_tree.hpp"

namespace flowrra::test {

inline Job job_of(const std::string& task, const std::string& deed, bool blocking) {
  Job job;
  job.leased.lease.task = job.leased.task.id = deed;
  job.leased.task.name = task;
  job.leased.task.args = "[\"" + deed + "\"]";
  job.blocking = blocking;
  return job;
}

// Hosts of one kind with the plugin of crashes.
template <typename Executor>
class CrashBench {
 public:
  explicit CrashBench(const std::string& unwinder = program("flowrra-unwind"),
                      const PluginFile& plugin = fixture("crashes.so"), const Limits& io_limits = {})
      : deadline_(loop_, [this] { loop_.stop(); }) {
    settings_.program = program("flowrra-host");
    settings_.unwinder = unwinder;
    settings_.plugins = {plugin};
    settings_.blocking_threads = 1;
    settings_.io_limits = io_limits;
    if constexpr (std::is_same_v<Executor, CpuExecutor>) {
      executor_ = std::make_unique<CpuExecutor>(loop_, system_clock(), settings_, 1, events());
    } else {
      executor_ = std::make_unique<IoExecutor>(loop_, system_clock(), settings_, 1, 1, events());
    }
  }

  // How a task that does so ends.
  AttemptReport run(const std::string& deed, const TaskOptions& options = {}) {
    constexpr bool cpu = std::is_same_v<Executor, CpuExecutor>;
    report_.reset();
    deadline_.start(std::chrono::seconds(60));
    Job job = job_of(cpu ? "crashes.cpu" : "crashes.blocking", deed, !cpu);
    job.options = options;
    executor_->start(std::move(job));
    loop_.run();
    BOOST_REQUIRE_MESSAGE(report_.has_value(), deed << " did not end in time");
    return *report_;
  }

  // The report of one that dies.
  CrashReport crash(const std::string& deed) {
    run(deed);
    BOOST_REQUIRE_MESSAGE(report_->error && report_->end == AttemptEnd::crash, deed << " was no crash");
    message_ = report_->error->message;
    auto crash = crash_report_from_json(report_->error->crash);
    BOOST_REQUIRE(crash);
    return *std::move(crash);
  }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  ExecutorEvents events() {
    return {.finished =
                [this](const Job&, AttemptReport report) {
                  report_ = std::move(report);
                  loop_.stop();
                },
            .progressed = [](const Lease&, const std::string&) {},
            .logged = [](const Lease&, const LogLine&) {},
            .tasks_changed = [] {},
            .idle = [] {},
            .hosts_changed = {}};
  }

  HostSettings settings_;
  Loop loop_;
  Timer deadline_;
  std::optional<AttemptReport> report_;
  std::string message_;
  std::unique_ptr<flowrra::Executor> executor_;
};

}  // namespace flowrra::test
