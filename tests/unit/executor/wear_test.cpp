// Hosts that have run enough, or grown too large, are replaced without anybody noticing.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "executor/cpu_executor.hpp"
#include "executor/host_wear.hpp"
#include "executor/io_executor.hpp"
#include "support/build_tree.hpp"

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

HostSettings settings(const WearLimits& wear) {
  HostSettings out;
  out.program = test::program("flowrra-host");
  out.plugins = {test::fixture("faulty.so")};
  out.blocking_threads = 1;
  out.io_wear = out.cpu_wear = wear;
  return out;
}

// Runs jobs one after another, and notes which process ran each.
template <typename Executor>
class Bench {
 public:
  explicit Bench(const WearLimits& wear) : deadline_(loop_, [this] { loop_.stop(); }) {
    if constexpr (std::is_same_v<Executor, CpuExecutor>) {
      executor_ = std::make_unique<CpuExecutor>(loop_, system_clock(), settings(wear), 1, events());
    } else {
      executor_ = std::make_unique<IoExecutor>(loop_, system_clock(), settings(wear), 1, 4, events());
    }
    deadline_.start(60s);
  }

  // The processes that have been hosts while so many jobs ran.
  std::set<int> run(const std::string& task, int count, const std::string& args = "[]") {
    left_ = count;
    for (int i = 0; i < count; ++i) {
      Job job;
      job.leased.lease.task = job.leased.task.id = std::to_string(i);
      job.leased.task.name = task;
      job.leased.task.args = args;
      executor_->start(std::move(job));
    }
    loop_.run();
    BOOST_TEST(left_ == 0);
    return std::exchange(hosts_, {});
  }

 private:
  ExecutorEvents events() {
    return {.finished =
                [this](const Job&, const AttemptReport& report) {
                  BOOST_TEST((report.end == AttemptEnd::success));
                  NodeHealth health;
                  executor_->add_health(health);
                  for (const HostHealth& host : health.hosts) hosts_.insert(host.pid);
                  if (--left_ == 0) loop_.stop();
                },
            .progressed = [](const Lease&, const std::string&) {},
            .logged = [](const Lease&, const LogLine&) {},
            .tasks_changed = [] {},
            .idle = [] {},
            .hosts_changed = {}};
  }

  Loop loop_;
  Timer deadline_;
  int left_ = 0;
  std::set<int> hosts_;
  std::unique_ptr<flowrra::Executor> executor_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wear)

BOOST_AUTO_TEST_CASE(a_cpu_host_is_replaced_after_its_tasks_and_none_is_lost) {
  Bench<CpuExecutor> bench({.tasks = 10, .memory = 0});
  const auto hosts = bench.run("faulty.cpu_echo", 100);
  BOOST_TEST(hosts.size() >= 3U);  // short tasks that were sent ahead may run before the node has counted
  BOOST_TEST(hosts.size() <= 11U);
}

BOOST_AUTO_TEST_CASE(an_io_host_is_replaced_when_nothing_is_in_flight) {
  Bench<IoExecutor> bench({.tasks = 3, .memory = 0});
  std::set<int> hosts;
  for (int i = 0; i < 4; ++i) hosts.merge(bench.run("faulty.io_echo", 3));
  BOOST_TEST(hosts.size() >= 3U);
}

BOOST_AUTO_TEST_CASE(without_bounds_a_host_stays) {
  Bench<CpuExecutor> bench({});
  BOOST_TEST(bench.run("faulty.cpu_echo", 200).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_host_that_keeps_much_memory_is_replaced_one_that_gives_it_back_is_not) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  Bench<CpuExecutor> bench({.tasks = 0, .memory = 64U << 20U});
  BOOST_TEST(bench.run("faulty.cpu_alloc", 3, "[128]").size() == 1U);
  BOOST_TEST(bench.run("faulty.cpu_leak", 3, "[128]").size() >= 2U);
#endif
}

BOOST_AUTO_TEST_CASE(the_memory_of_a_process_is_told) {
  BOOST_TEST(resident_memory(getpid()) > std::uint64_t{1} << 20U);
  BOOST_TEST(resident_memory(0) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
