// The node's side of io hosts with real ones: who is charged when a host dies.

#include "executor/io_executor.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/fake_clock.hpp"
#include "unit/executor/faulty_hosts.hpp"

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

std::vector<pid_t> children() {
  std::vector<pid_t> out;
  std::ifstream file("/proc/self/task/" + std::to_string(getpid()) + "/children");
  for (pid_t pid = 0; file >> pid;) out.push_back(pid);
  return out;
}

Job job(const std::string& task, bool suspect = false) {
  Job out;
  out.leased.lease.task = out.leased.task.id = task;
  out.leased.task.name = task;
  out.leased.task.args = "[600000]";
  out.leased.suspect = suspect;
  out.blocking = task.starts_with("faulty.blocking");
  return out;
}

HostSettings hosts() {
  HostSettings out = test::faulty_hosts();
  out.kill_grace = 200ms;
  return out;
}

// One io host and what became of the jobs it was given.
class Bench {
 public:
  // By this clock the jobs take their time.
  explicit Bench(int slots = 10, const Clock& clock = system_clock())
      : deadline_(loop_, [this] { fail(); }),
        look_(loop_, [this] { look(); }),
        executor_(loop_, clock, hosts(), 1, slots, events()) {
    deadline_.start(60s);
  }

  void start(Job job) { executor_.start(std::move(job)); }

  // The end of the next job that is reported; `meanwhile` is done after each line that a task logs.
  AttemptEnd next_end(std::function<void()> meanwhile = [] {}) {
    meanwhile_ = std::move(meanwhile);
    loop_.run();
    return ends_.back();
  }

  // Runs until it is so; false when it did not become so in time.
  bool wait_for(std::function<bool()> so) {
    so_ = std::move(so);
    look_.start(0ms);
    loop_.run();
    return std::exchange(so_, nullptr)();
  }
  void cancel(const TaskId& task) { executor_.cancel(task); }

  // The hosts for suspects, and how many jobs each has.
  [[nodiscard]] std::vector<std::string> isolated() const {
    NodeHealth health;
    executor_.add_health(health);
    std::vector<std::string> out;
    for (const HostHealth& host : health.hosts) {
      if (host.name.starts_with("io-isolated")) out.push_back(host.name + ": " + std::to_string(host.held));
    }
    return out;
  }
  [[nodiscard]] int in_flight() const { return executor_.in_flight(); }
  // How many jobs the hosts have that are no suspects'.
  [[nodiscard]] int given() const {
    NodeHealth health;
    executor_.add_health(health);
    return health.hosts.front().held;
  }
  void release_unstarted() { executor_.release_unstarted(); }
  // How often a job ended so.
  [[nodiscard]] long count(AttemptEnd end) const { return std::ranges::count(ends_, end); }

  // What was logged, each line with its task and level.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  ExecutorEvents events() {
    return {.finished =
                [this](const Job&, const AttemptReport& report) {
                  ends_.push_back(report.end);
                  if (!so_) loop_.stop();
                },
            .progressed = [](const Lease&, const std::string&) {},
            .logged =
                [this](const Lease& lease, const LogLine& line) {
                  lines_.push_back(lease.task + ": " + line.level + ": " + line.message);
                  meanwhile_();
                },
            .tasks_changed = [] {},
            .idle = [] {},
            .hosts_changed = {}};
  }
  void look() {
    if (so_()) return loop_.stop();
    look_.start(5ms);
  }
  void fail() {
    BOOST_ERROR("nothing was reported in time");
    ends_.push_back(AttemptEnd::success);
    loop_.stop();
  }

  Loop loop_;
  Timer deadline_;
  Timer look_;
  std::function<bool()> so_;
  std::function<void()> meanwhile_ = [] {};
  std::vector<AttemptEnd> ends_;
  std::vector<std::string> lines_;
  IoExecutor executor_;
};

// A task that blocks the loop for so long, but must have ended after as long.
Job blocker(const std::string& args, Micros timeout) {
  Job out = job("faulty.io_block");
  out.leased.task.args = args;
  out.options.timeout = timeout;
  return out;
}

// Each thread of the pool has a job; of three short ones more some wait for a thread in the host, the rest in the node.
struct FullPool {
  test::FakeClock clock{system_clock().boot()};
  Bench bench{10, clock};

  FullPool() {
    for (int i = 0; i < 4; ++i) bench.start(job("faulty.blocking_echo"));  // they take no time
    BOOST_TEST_REQUIRE(bench.wait_for([&] { return bench.count(AttemptEnd::success) == 4; }));
    for (int i = 0; i < 4; ++i) bench.start(job("faulty.blocking_say_and_wait"));
    BOOST_TEST_REQUIRE(bench.wait_for([&] { return bench.lines().size() == 4; }));
    for (int i = 0; i < 3; ++i) bench.start(job("faulty.blocking_echo"));
    BOOST_TEST_REQUIRE(bench.given() > 4);
  }
};

void kill_hosts() {
  for (const pid_t pid : children()) kill(pid, SIGKILL);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_executor)

BOOST_AUTO_TEST_CASE(a_lone_task_is_a_suspect_when_its_host_dies_and_nobody_is_marked) {
  Bench bench;
  bench.start(job("faulty.io_say_and_wait"));
  BOOST_TEST((bench.next_end(kill_hosts) == AttemptEnd::suspect));
}

BOOST_AUTO_TEST_CASE(a_suspect_is_charged_when_its_own_host_dies) {
  Bench bench;
  bench.start(job("faulty.io_say_and_wait", true));
  BOOST_TEST((bench.next_end(kill_hosts) == AttemptEnd::crash));
}

BOOST_AUTO_TEST_CASE(a_task_that_kills_its_host_is_charged_at_once) {
  Bench bench;
  bench.start(job("faulty.io_segv"));
  BOOST_TEST((bench.next_end() == AttemptEnd::crash));
}

BOOST_AUTO_TEST_CASE(a_task_that_blocks_the_loop_to_its_end_is_named) {
  Bench bench;
  bench.start(blocker("[300]", 30s));
  BOOST_TEST((bench.next_end() == AttemptEnd::success));
  BOOST_REQUIRE(bench.lines().size() == 1U);
  BOOST_TEST(bench.lines()[0].starts_with("faulty.io_block: warning: the task kept the loop for "));
}

BOOST_AUTO_TEST_CASE(a_task_that_blocks_the_loop_until_its_host_is_killed_is_named) {
  Bench bench;
  bench.start(blocker("[600000]", 300ms));
  BOOST_TEST((bench.next_end() == AttemptEnd::timeout));
  BOOST_REQUIRE(bench.lines().size() == 1U);
  BOOST_TEST(bench.lines()[0].starts_with("faulty.io_block: warning: the task has kept the loop of host io-1 for "));
}

BOOST_AUTO_TEST_CASE(suspects_run_at_once_each_in_a_host_of_its_own_while_there_are_some) {
  Bench bench(2);
  for (const char* id : {"1", "2", "3"}) {
    Job suspect = job("faulty.io_say_and_wait", true);
    suspect.leased.lease.task = suspect.leased.task.id = id;
    bench.start(std::move(suspect));
  }
  BOOST_TEST(bench.wait_for([&] { return bench.lines().size() == 2; }));
  const std::vector<std::string> full{"io-isolated-1: 1", "io-isolated-2: 1"};
  BOOST_TEST(bench.isolated() == full, boost::test_tools::per_element());
  bench.cancel("1");
  BOOST_TEST(bench.wait_for([&] { return bench.lines().size() == 3; }));
  BOOST_TEST(bench.isolated() == full, boost::test_tools::per_element());
  bench.cancel("2");
  bench.cancel("3");
  BOOST_TEST(bench.wait_for([&] { return bench.in_flight() == 0 && children().size() == 1; }));
  BOOST_TEST(bench.isolated().empty());
}

BOOST_AUTO_TEST_CASE(short_blocking_jobs_that_wait_for_a_thread_in_their_host_are_handed_back_and_what_runs_is_not) {
  FullPool pool;
  Bench& bench = pool.bench;
  bench.release_unstarted();
  BOOST_TEST(bench.wait_for([&] { return bench.in_flight() == 4; }));
  BOOST_TEST(bench.count(AttemptEnd::released) == 3);
  BOOST_TEST(bench.given() == 4);
}

BOOST_AUTO_TEST_CASE(short_blocking_jobs_are_handed_back_by_themselves_when_the_threads_do_not_become_free) {
  FullPool pool;
  Bench& bench = pool.bench;
  pool.clock.advance(200ms);
  BOOST_TEST(bench.wait_for([&] { return bench.in_flight() == 4; }));
  BOOST_TEST(bench.count(AttemptEnd::released) == 3);
}

BOOST_AUTO_TEST_CASE(blocking_jobs_that_waited_for_a_thread_of_a_host_that_died_are_no_suspects_and_run_in_the_next) {
  FullPool pool;
  Bench& bench = pool.bench;
  kill_hosts();
  BOOST_TEST(bench.wait_for([&] { return bench.in_flight() == 0; }));
  BOOST_TEST(bench.count(AttemptEnd::suspect) == 4);
  BOOST_TEST(bench.count(AttemptEnd::success) == 7);
}

BOOST_AUTO_TEST_CASE(a_blocking_job_with_a_deadline_is_not_sent_before_a_thread_is_free) {
  FullPool pool;
  Bench& bench = pool.bench;
  bench.release_unstarted();
  BOOST_TEST_REQUIRE(bench.wait_for([&] { return bench.in_flight() == 4; }));
  Job timed = job("faulty.blocking_echo");
  timed.options.timeout = 30s;
  bench.start(std::move(timed));
  BOOST_TEST(bench.given() == 4);
}

BOOST_AUTO_TEST_SUITE_END()
