// The node's side of cpu hosts with a real one: whose is what the host prints.

#include "executor/cpu_executor.hpp"

#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "support/fake_clock.hpp"
#include "unit/executor/faulty_hosts.hpp"

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

// One cpu host. What each job has printed is noted when the job is reported: what comes later is lost.
class Bench {
 public:
  // By this clock the jobs take their time.
  explicit Bench(const Clock& clock = system_clock())
      : deadline_(loop_, [this] { fail(); }), executor_(loop_, clock, test::faulty_hosts(), 1, events()) {
    deadline_.start(60s);
  }

  void start(const TaskId& id, const std::string& task, const std::string& text = {}) {
    Job job;
    job.leased.lease.task = job.leased.task.id = id;
    job.leased.task.name = "faulty.cpu_" + task;
    job.leased.task.args = "[\"" + text + "\"]";
    executor_.start(std::move(job));
  }

  // Runs all to their end; what was printed, by id.
  std::map<TaskId, Lines> printed() {
    loop_.run();
    return printed_;
  }

  // The ids of those that succeeded. The node does not look at its host from when `deaf` logs until the host is dead.
  std::set<TaskId> succeeded(const TaskId& deaf = {}) {
    deaf_ = deaf;
    loop_.run();
    return std::exchange(succeeded_, {});
  }

  // How many more jobs were taken when the last one had been reported.
  int room() {
    loop_.run();
    return room_;
  }

 private:
  ExecutorEvents events() {
    return {.finished =
                [this](const Job& job, const AttemptReport& report) {
                  const TaskId& id = job.leased.task.id;
                  if (report.end == AttemptEnd::success) succeeded_.insert(id);
                  if (const auto said = said_.find(id); said != said_.end()) printed_[id] = said->second;
                  room_ = executor_.capacity();
                  if (executor_.in_flight() == 0) loop_.stop();
                },
            .progressed = [](const Lease&, const std::string&) {},
            .logged =
                [this](const Lease& lease, const LogLine& line) {
                  said_[lease.task].push_back(line.message);
                  if (lease.task == deaf_) wait_for_death();
                },
            .tasks_changed = [] {},
            .idle = [] {},
            .hosts_changed = {}};
  }
  static void wait_for_death() {
    siginfo_t dead{};
    BOOST_REQUIRE(waitid(P_ALL, 0, &dead, WEXITED | WNOWAIT) == 0);
  }
  void fail() {
    BOOST_ERROR("the jobs did not end in time");
    loop_.stop();
  }

  Loop loop_;
  Timer deadline_;
  int room_ = -1;
  std::map<TaskId, Lines> said_;
  std::map<TaskId, Lines> printed_;
  std::set<TaskId> succeeded_;
  TaskId deaf_;
  CpuExecutor executor_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cpu_executor)

BOOST_AUTO_TEST_CASE(each_task_gets_what_it_printed_and_no_more) {
  Bench bench;
  std::map<TaskId, Lines> expected;
  for (int i = 0; i < 2000; ++i) {
    const TaskId id = std::to_string(i);
    if (i % 3 == 0) {
      bench.start(id, "echo");
    } else if (i % 3 == 1) {
      bench.start(id, "print", id + " begins\\n" + id + " ends without a line feed");
      expected[id] = {id + " begins", id + " ends without a line feed"};
    } else {
      bench.start(id, "print", std::string(10'000, 'x') + "\\n" + id);
      expected[id] = {std::string(4096, 'x'), std::string(4096, 'x'), std::string(10'000 - 2 * 4096, 'x'), id};
    }
  }
  const auto printed = bench.printed();
  BOOST_TEST((printed == expected));
}

BOOST_AUTO_TEST_CASE(the_last_words_of_a_task_that_kills_its_host_are_its_own) {
  Bench bench;
  bench.start("before", "print", "before");
  bench.start("bad", "print_abort", "one\\ntwo");
  bench.start("after", "print", "after");
  const auto printed = bench.printed();
  const std::map<TaskId, Lines> expected{{"after", {"after"}}, {"bad", {"one", "two"}}, {"before", {"before"}}};
  BOOST_TEST((printed == expected));
}

BOOST_AUTO_TEST_CASE(what_ended_before_a_crash_that_nobody_saw_counts_and_the_rest_runs_elsewhere) {
  const test::FakeClock clock;
  Bench bench(clock);
  bench.start("first", "abort_at_0", "1");  // it takes no time: others of its name may be sent ahead
  BOOST_TEST((bench.succeeded() == std::set<TaskId>{"first"}));
  bench.start("deaf", "log");
  std::set<TaskId> expected{"deaf", "after"};
  for (int i = 1; i <= 9; ++i) {
    bench.start(std::to_string(i), "abort_at_0", std::to_string(i));
    expected.insert(std::to_string(i));
  }
  bench.start("crash", "abort_at_0", "0");
  bench.start("after", "abort_at_0", "1");
  BOOST_TEST((bench.succeeded("deaf") == expected));
}

BOOST_AUTO_TEST_CASE(a_long_task_makes_room_for_one_and_a_short_one_for_more) {
  test::FakeClock clock;
  Bench bench(clock);
  bench.start("first", "echo");  // the host is there when it has ended: the next one begins when it is given
  BOOST_TEST(bench.room() == 2);
  bench.start("long", "echo");
  clock.advance(200ms);
  BOOST_TEST(bench.room() == 1);
  bench.start("short", "echo");
  BOOST_TEST(bench.room() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
