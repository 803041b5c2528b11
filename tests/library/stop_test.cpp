// What stop() does with the tasks that run, and who waits for them.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "support/gate.hpp"
#include "support/workplace.hpp"
#include "tasks.hpp"

using namespace std::chrono_literals;

namespace flowrra::test {
namespace {

constexpr auto kLong = std::chrono::milliseconds(kPatience);

struct Bench {
  Workplace workplace{Setup{}};
  Gate gate{workplace};
  Config config;

  Bench() {
    config.set("broker.url", "sqlite://" + (workplace / "store.db").string());
    config.set("backend.url", "sqlite://" + (workplace / "store.db").string());
    config.set("executor.cpu_workers", 2);
    config.set("executor.kill_grace", 50ms);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stop)

BOOST_AUTO_TEST_CASE(a_stop_lets_what_runs_finish) {
  const Bench bench;
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  const std::string id = executor.submit("t.gate", args(bench.gate.path()));
  bench.gate.reached(1);
  std::thread stopping([&] { executor.stop(true, std::nullopt); });
  bench.gate.open();
  stopping.join();
  BOOST_TEST(executor.get_result(id)->value<int>() == 1);
}

BOOST_AUTO_TEST_CASE(a_stop_without_waiting_hands_back_what_runs) {
  const Bench bench;
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  const std::string id = executor.submit("t.gate", args(bench.gate.path()));
  bench.gate.reached(1);
  executor.stop(false);
  BOOST_TEST(!executor.is_running());
  BOOST_TEST((executor.get_result(id)->state == TaskState::pending));
  BOOST_CHECK_THROW(executor.wait_for_result(id, kLong), ExecutorNotRunningError);

  executor.start();
  bench.gate.reached(2);
  bench.gate.open();
  BOOST_TEST(executor.wait_for_result(id, kLong).value<int>() == 1);  // the attempt was given back
}

BOOST_AUTO_TEST_CASE(a_stop_waits_no_longer_than_its_timeout) {
  const Bench bench;
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  const std::string id = executor.submit("t.gate", args(bench.gate.path()));
  bench.gate.reached(1);
  executor.stop(true, 50ms);
  BOOST_TEST((executor.get_result(id)->state == TaskState::pending));
}

BOOST_AUTO_TEST_CASE(a_stop_that_waits_is_hurried_by_one_that_does_not) {
  const Bench bench;
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  const std::string id = executor.submit("t.gate", args(bench.gate.path()));
  bench.gate.reached(1);
  std::thread patient([&] { executor.stop(true, std::nullopt); });
  executor.stop(false);
  patient.join();
  BOOST_TEST((executor.get_result(id)->state == TaskState::pending));
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_task_learns_that_the_executor_was_stopped) {
  const Bench bench;
  IoExecutor executor(bench.config, tasks());
  executor.start();
  const std::string id = executor.submit("t.forever");
  std::atomic<bool> told = false;
  std::thread waiting([&] {
    try {
      executor.wait_for_result(id);
    } catch (const ExecutorNotRunningError&) {
      told = true;
    }
  });
  executor.stop(false);
  waiting.join();
  BOOST_TEST(told.load());
}

BOOST_AUTO_TEST_CASE(what_was_submitted_is_run_by_the_next_executor) {
  const Bench bench;
  std::string id;
  {
    CpuExecutor first(bench.config, tasks());
    first.start();
    id = first.submit("t.gate", args(bench.gate.path()));
    bench.gate.reached(1);
  }
  BOOST_TEST(childless());
  CpuExecutor second(bench.config, tasks());
  second.start();
  bench.gate.reached(2);
  bench.gate.open();
  BOOST_TEST(second.wait_for_result(id, kLong).ok());
}

BOOST_AUTO_TEST_CASE(start_and_stop_may_be_called_again) {
  const Bench bench;
  CpuExecutor executor(bench.config, tasks());
  executor.stop();
  for (int i = 0; i < 3; ++i) {
    executor.start();
    executor.start();
    BOOST_TEST(executor.is_running());
    BOOST_TEST(executor.wait_for_result(executor.submit("t.add", args(i, i)), kLong).value<int>() == 2 * i);
    executor.stop();
    executor.stop();
    BOOST_TEST(!executor.is_running());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
