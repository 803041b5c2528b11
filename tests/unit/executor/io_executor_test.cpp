// The node's side of io hosts with real ones: who is charged when a host dies.

#include "executor/io_executor.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

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
  Bench() : deadline_(loop_, [this] { fail(); }), executor_(loop_, system_clock(), hosts(), 1, 10, events()) {
    deadline_.start(60s);
  }

  void start(Job job) { executor_.start(std::move(job)); }

  // The end of the next job that is reported; `meanwhile` is done after each line that a task logs.
  AttemptEnd next_end(std::function<void()> meanwhile = [] {}) {
    meanwhile_ = std::move(meanwhile);
    loop_.run();
    return ends_.back();
  }

  // What was logged, each line with its task and level.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  ExecutorEvents events() {
    return {.finished =
                [this](const Job&, const AttemptReport& report) {
                  ends_.push_back(report.end);
                  loop_.stop();
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
  void fail() {
    BOOST_ERROR("nothing was reported in time");
    ends_.push_back(AttemptEnd::success);
    loop_.stop();
  }

  Loop loop_;
  Timer deadline_;
  std::function<void()> meanwhile_;
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

BOOST_AUTO_TEST_SUITE_END()
