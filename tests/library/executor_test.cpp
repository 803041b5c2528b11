// IoExecutor and CpuExecutor with real hosts, over both stores.
#include <signal.h>

#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "support/gate.hpp"
#include "support/workplace.hpp"
#include "tasks.hpp"

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

namespace flowrra::test {
namespace {

constexpr auto kLong = std::chrono::milliseconds(kPatience);

const std::array<std::string, 2> kStores{"memory", "sqlite"};

// A store of its own for each test case.
struct Bench {
  Workplace workplace{Setup{}};
  Config config;

  explicit Bench(const std::string& store = "memory") {
    config.set("broker.url", store + "://" + (workplace / "store.db").string());
    config.set("backend.url", store + "://" + (workplace / "store.db").string());
    config.set("executor.cpu_workers", 2);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(executor)

BOOST_DATA_TEST_CASE(an_io_executor_runs_coroutines_and_functions, data::make(kStores), store) {
  const Bench bench(store);
  IoExecutor executor(bench.config, tasks());
  executor.start();
  const std::string later = executor.submit("t.later", args("x"));
  const std::string pool = executor.submit("t.pool", {"y"});
  const TaskResult first = executor.wait_for_result(later, kLong);
  BOOST_TEST(first.value<std::string>() == "later: x");
  BOOST_TEST(first.queue == "default.io");
  BOOST_TEST((first.kind == Kind::io));
  BOOST_TEST(first.attempt == 1);
  BOOST_TEST(executor.wait_for_result(pool, kLong).value<std::string>() == "y at attempt 1");
}

BOOST_DATA_TEST_CASE(a_cpu_executor_takes_arguments_by_position_by_name_and_both, data::make(kStores), store) {
  const Bench bench(store);
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  const auto sum = [&](const std::string& id) { return executor.wait_for_result(id, kLong).value<int>(); };
  BOOST_TEST(sum(executor.submit("t.add", {2, 3})) == 5);
  BOOST_TEST(sum(executor.submit("t.add", {}, {{"a", 4}, {"b", 5}})) == 9);
  BOOST_TEST(sum(executor.submit("t.add", Json::array({6}), {{"b", 7}}, 3)) == 13);
  BOOST_TEST(sum(executor.submit("t.add", args(8, 9), {.priority = -2})) == 17);
  const std::string basket = executor.submit("t.double", args(Basket{"Ada", {1, 2}}));
  BOOST_TEST((executor.wait_for_result(basket, kLong).value<Basket>() == Basket{"Ada", {2, 4}}));
}

BOOST_AUTO_TEST_CASE(two_executors_in_one_process_share_a_store) {
  const Bench bench("sqlite");
  IoExecutor io(bench.config, tasks());
  CpuExecutor cpu(bench.config, tasks());
  io.start();
  cpu.start();
  const std::string later = io.submit("t.later", args("x"));
  const std::string sum = cpu.submit("t.add", args(1, 2));
  BOOST_TEST(cpu.wait_for_result(sum, kLong).value<int>() == 3);
  BOOST_TEST(io.wait_for_result(later, kLong).ok());
  BOOST_TEST(cpu.get_result(later)->ok());
  io.stop();
  BOOST_TEST(!io.is_running());
  BOOST_TEST(cpu.wait_for_result(cpu.submit("t.add", args(3, 4)), kLong).value<int>() == 7);
}

BOOST_AUTO_TEST_CASE(a_task_that_crashes_leaves_the_program_alone) {
  const Bench bench;
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  const TaskResult crashed = executor.wait_for_result(executor.submit("t.abort"), kLong);
  BOOST_TEST((crashed.state == TaskState::failed));
  BOOST_TEST(crashed.error_code == "crash");
  BOOST_TEST(crashed.crashes == 1);
  BOOST_CHECK_THROW(static_cast<void>(crashed.json()), TaskFailedError);
  BOOST_TEST(executor.wait_for_result(executor.submit("t.add", args(1, 1)), kLong).value<int>() == 2);
}

BOOST_AUTO_TEST_CASE(errors_have_their_names) {
  const Bench bench;
  Config no_backend;
  no_backend.set("broker.url", "memory://");
  BOOST_CHECK_THROW(CpuExecutor(no_backend, tasks()), ConfigError);
  BOOST_CHECK_THROW(no_backend.set("executor.io_wrokers", 1), ConfigError);
  BOOST_CHECK_THROW(no_backend.set("executor.io_workers", -1), ConfigError);
  BOOST_CHECK_THROW(IoExecutor(no_backend, tasks(), " "), ConfigError);

  CpuExecutor cpu(bench.config, tasks());
  IoExecutor io(bench.config, tasks());
  BOOST_CHECK_THROW(cpu.submit("t.add", {1, 2}), ExecutorNotRunningError);
  cpu.start();
  io.start();
  BOOST_CHECK_THROW(cpu.submit("t.ad", {1, 2}), TaskNotFoundError);
  BOOST_CHECK_THROW(cpu.submit("t.later", {"x"}), TypeError);
  BOOST_CHECK_THROW(io.submit("t.add", {1, 2}), TypeError);
  BOOST_CHECK_THROW(cpu.submit("t.add", {1, "x"}), ArgumentsError);
  BOOST_CHECK_THROW(cpu.submit("t.add", {1}, {{"a", 2}}), ArgumentsError);
  BOOST_CHECK_THROW(cpu.submit("t.add", {1, 2, 3}), ArgumentsError);
  BOOST_CHECK_THROW(cpu.submit("t.add", args(1, 2), {.id = "no/name"}), ArgumentsError);
  BOOST_CHECK_THROW(cpu.wait_for_result("unknown", 1ms), UnknownIdError);
  BOOST_TEST(!cpu.get_result("unknown").has_value());
  const std::string forever = io.submit("t.forever");
  BOOST_CHECK_THROW(io.wait_for_result(forever, 1ms), TimeoutError);
  io.stop(false);
  BOOST_CHECK_THROW(io.submit("t.forever"), ExecutorNotRunningError);

  const TaskResult failed = cpu.wait_for_result(cpu.submit("t.fail", {"no paper"}), kLong);
  BOOST_TEST(failed.error_message == "no paper");
  BOOST_CHECK_THROW(static_cast<void>(failed.value<int>()), TaskFailedError);
  const TaskResult sum = cpu.wait_for_result(cpu.submit("t.add", {1, 2}), kLong);
  BOOST_CHECK_THROW(static_cast<void>(sum.value<std::string>()), TypeError);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_nearly_right_gets_a_hint) {
  const Bench bench;
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  BOOST_CHECK_EXCEPTION(executor.submit("t.ad"), TaskNotFoundError, [](const TaskNotFoundError& error) {
    return error.code() == "not_found" && error.hint().find("t.add") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(an_id_of_the_submitters_choice_is_one_task) {
  const Bench bench("sqlite");
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  BOOST_TEST(executor.submit("t.add", args(1, 2), {.id = "mine"}) == "mine");
  BOOST_TEST(executor.submit("t.add", args(1, 2), {.id = "mine"}) == "mine");
  BOOST_CHECK_THROW(executor.submit("t.add", args(2, 2), {.id = "mine"}), DuplicateError);
  BOOST_TEST(executor.wait_for_result("mine", kLong).value<int>() == 3);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses) {
  Bench bench;
  bench.config.set("executor.max_queue_size", 1);
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  executor.submit("t.add", args(1, 2), {.delay = 1h});
  BOOST_CHECK_THROW(executor.submit("t.add", args(1, 2), {.delay = 1h}), QueueFullError);
}

BOOST_AUTO_TEST_CASE(signals_stay_as_the_program_set_them) {
  const auto handlers = [] {
    std::vector<const void*> out;
    for (int number = 1; number < NSIG; ++number) {
      struct sigaction action = {};
      sigaction(number, nullptr, &action);
      out.push_back(reinterpret_cast<const void*>(action.sa_handler));
    }
    return out;
  };
  const auto mask = [] {
    sigset_t set;
    pthread_sigmask(SIG_SETMASK, nullptr, &set);
    std::vector<int> out;
    for (int number = 1; number < NSIG; ++number) out.push_back(sigismember(&set, number));
    return out;
  };
  const auto handlers_before = handlers();
  const auto mask_before = mask();
  const Bench bench("sqlite");
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  BOOST_TEST(executor.wait_for_result(executor.submit("t.nothing"), kLong).json().is_null());
  BOOST_TEST((handlers() == handlers_before));
  BOOST_TEST((mask() == mask_before));
  executor.stop();
  BOOST_TEST((handlers() == handlers_before));
  BOOST_TEST((mask() == mask_before));
}

BOOST_AUTO_TEST_CASE(many_threads_submit_and_wait_at_once) {
  const Bench bench("sqlite");
  CpuExecutor executor(bench.config, tasks());
  executor.start();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 10; ++k) {
        if (executor.wait_for_result(executor.submit("t.add", args(i, k)), kLong).value<int>() == i + k) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(good == 60);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
