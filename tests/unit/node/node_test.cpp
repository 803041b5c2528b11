// A whole node in this process: real hosts, the sample plugins, the memory store.

#include "node/node.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>

#include "base/id.hpp"
#include "store/memory/memory_store.hpp"
#include "support/build_tree.hpp"
#include "task/log_lines.hpp"

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

constexpr auto kDeadline = 60s;

TaskSpec spec(std::string name, Kind kind) {
  TaskSpec out;
  out.name = std::move(name);
  out.kind = kind;
  return out;
}

class Bench {
 public:
  explicit Bench(bool separate_backend = false) : url_("memory://" + new_ulid(system_clock())) {
    store_ = open(url_);
    if (separate_backend) backend_ = open(url_ + "-results");
  }

  std::unique_ptr<Store> open(const std::string& url) {
    auto opened = open_memory_store({.url = url});
    BOOST_REQUIRE(opened.ok());
    return *std::move(opened);
  }

  TaskId push(NewTask task) {
    task.id = new_ulid(system_clock());
    const TaskId id = task.id;
    const auto pushed = store_->broker().push(std::span(&task, 1), 1'000'000);
    BOOST_REQUIRE((pushed.ok() && pushed->front() == PushOutcome::accepted));
    return id;
  }

  // Runs a node until no task is left.
  void drain() {
    NodeOptions options;
    options.name = "test";
    options.queues = {"default"};
    options.specs = {spec("text.add", Kind::cpu), spec("hello.echo", Kind::cpu), spec("faulty.cpu_progress", Kind::cpu),
                     spec("faulty.cpu_flaky", Kind::cpu), spec("faulty.cpu_permanent", Kind::cpu)};
    options.hosts.program = test::program("flowrra-host");
    options.hosts.plugins = {test::sample("text.so"), test::sample("hello-c.so"), test::fixture("faulty.so")};
    options.cpu_workers = 2;
    options.exit_when_empty = true;
    options.defaults.max_retries = 0;
    Loop loop;
    Timer deadline(loop, [&] {
      BOOST_ERROR("the node did not end in time");
      loop.stop();
    });
    deadline.start(kDeadline);
    Node node(loop, system_clock(), options, open(url_), backend_ ? open(url_ + "-results") : nullptr,
              {.ready = {}, .stopped = [&] { loop.stop(); }});
    node.start();
    loop.run();
  }

  TaskRecord record(const TaskId& id) {
    auto found = (backend_ ? backend_ : store_)->backend().get(id);
    BOOST_REQUIRE((found.ok() && found->has_value()));
    return **std::move(found);
  }

 private:
  std::string url_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Store> backend_;
};

NewTask task(std::string name, std::string args) {
  NewTask task;
  task.name = std::move(name);
  task.args = std::move(args);
  return task;
}

NewTask add(int a, int b) { return task("text.add", "[" + std::to_string(a) + "," + std::to_string(b) + "]"); }

std::vector<std::string> messages(const TaskRecord& record) {
  std::vector<std::string> out;
  for (const LogLine& line : parse_log(record.log).lines) out.push_back(line.message);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(node)

BOOST_AUTO_TEST_CASE(every_task_is_run_once_and_its_result_kept) {
  Bench bench;
  std::vector<TaskId> ids;
  ids.reserve(2000);
  for (int i = 0; i < 2000; ++i) ids.push_back(bench.push(add(i, 1)));
  bench.drain();
  for (int i = 0; i < 2000; ++i) {
    const TaskRecord record = bench.record(ids[static_cast<std::size_t>(i)]);
    BOOST_TEST((record.state == State::success));
    BOOST_TEST(record.result == std::to_string(i + 1));
    BOOST_TEST(record.attempt == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_separate_backend_holds_the_results) {
  Bench bench(true);
  const TaskId good = bench.push(add(40, 2));
  NewTask bad = add(1, 1);
  bad.args = R"(["x", 1])";
  const TaskId failed = bench.push(std::move(bad));
  bench.drain();
  BOOST_TEST(bench.record(good).result == "42");
  BOOST_TEST((bench.record(failed).state == State::failed));
  BOOST_TEST(bench.record(failed).error->code == "permanent");
}

BOOST_AUTO_TEST_CASE(arguments_deeper_than_the_limit_end_the_task_unrun) {
  Bench bench;
  NewTask bomb = add(1, 1);
  bomb.args = std::string(200, '[') + std::string(200, ']');
  const TaskId id = bench.push(std::move(bomb));
  bench.drain();
  BOOST_TEST((bench.record(id).state == State::failed));
  BOOST_TEST(bench.record(id).error->code == "too_large");
}

BOOST_AUTO_TEST_CASE(the_last_progress_of_a_short_task_is_kept) {
  for (const bool separate_backend : {false, true}) {
    Bench bench(separate_backend);
    const TaskId id = bench.push(task("faulty.cpu_progress", "[3]"));
    bench.drain();
    BOOST_TEST(bench.record(id).progress.find("step 3") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_log_of_a_failed_attempt_says_what_follows) {
  Bench bench;
  NewTask flaky = task("faulty.cpu_flaky", "[9]");
  flaky.options.max_retries = 1;
  flaky.options.retry_delay = Micros(10ms);
  flaky.options.backoff = Backoff::fixed;
  const TaskId retried = bench.push(std::move(flaky));
  const TaskId permanent = bench.push(task("faulty.cpu_permanent", "[]"));
  bench.drain();
  const std::vector<std::string> both{"error: attempt 1; attempt 2 of 2 in 10ms", "error: attempt 2; no attempts left"};
  BOOST_TEST(messages(bench.record(retried)) == both, boost::test_tools::per_element());
  const std::vector<std::string> one{"permanent: it will never work; forbids retries"};
  BOOST_TEST(messages(bench.record(permanent)) == one, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
