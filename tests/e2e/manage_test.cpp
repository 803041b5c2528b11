// What a user does to tasks and queues after submitting: wait, read logs, cancel, retry, remove, pause, purge.

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra;
using namespace flowrra::test;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

Setup with_faults() {
  Setup setup;
  setup.plugins = {fixture("faulty.so")};
  setup.executor += "kill_grace = 0.4\nio_workers = 8\n";
  return setup;
}

struct Desk : Workplace {
  explicit Desk(const Setup& setup = with_faults()) : Workplace(setup) {}

  // What is done for its effect.
  void queue(const Words& words) const { BOOST_TEST(!submit(words).empty()); }
  void act(const Words& words) const { BOOST_TEST(flowrra(words).code() == 0); }
  void wait_for_end(const std::string& id) const { BOOST_TEST(ended(id).contains("state")); }

  [[nodiscard]] std::string state(const std::string& id) const { return record(id).at("state").get<std::string>(); }
  void wait_for_state(const std::string& id, const std::string& wanted) const {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (state(id) != wanted) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error(id + " is not " + wanted);
    }
  }
  [[nodiscard]] std::vector<json> log(const std::string& id) const {
    const Outcome outcome = flowrra({"logs", id, "-o", "json"});
    BOOST_TEST(outcome.code() == 0, outcome.err);
    return json::parse(outcome.out).get<std::vector<json>>();
  }
};

Setup with_two_stores() {
  Setup setup = with_faults();
  setup.backend = "sqlite://results.db";
  return setup;
}

}  // namespace

BOOST_AUTO_TEST_CASE(running_tasks_of_every_kind_end_when_they_are_cancelled_also_those_that_resist) {
  const Desk desk;
  const auto node = desk.node();
  for (const char* task :
       {"cpu_sleep", "io_sleep", "blocking_sleep", "io_spin", "cpu_hang", "io_hang", "blocking_hang"}) {
    desk.queue({std::string("faulty.") + task, "--id", task, "60000"});
    desk.wait_for_state(task, "running");
    const Outcome outcome = desk.flowrra({"cancel", task});
    BOOST_TEST(outcome.code() == 0, outcome.err);
    BOOST_TEST(outcome.out == std::string(task) + "  asked to end\n");
    const Outcome waited = desk.flowrra({"wait", task, "--timeout", "30"});
    BOOST_TEST(waited.code() == 5);
    BOOST_TEST(desk.state(task) == "cancelled");
  }
  const Outcome again = desk.flowrra({"cancel", "cpu_hang", "nobody"});
  BOOST_TEST(again.code() == 6);
  BOOST_TEST(has(again.err, "has ended already: cancelled"), again.err);
  BOOST_TEST(has(again.err, "no task with the id 'nobody'"), again.err);
  desk.queue({"faulty.cpu_echo", "--id", "after"});
  BOOST_TEST(desk.ended("after").at("state") == "success");
}

BOOST_AUTO_TEST_CASE(a_waiting_task_is_cancelled_without_a_node_and_can_be_retried) {
  const Desk desk;
  desk.queue({"faulty.cpu_echo", "--id", "waits", "1"});
  BOOST_TEST(desk.flowrra({"cancel", "waits"}).out == "waits  cancelled\n");
  BOOST_TEST(desk.record("waits").at("error").at("code") == "cancelled");
  const Outcome done = desk.flowrra({"result", "waits", "-o", "json"});
  BOOST_TEST(done.code() == 5);
  BOOST_TEST(json::parse(done.err).at("error").at("code") == "cancelled");
  BOOST_TEST(desk.flowrra({"retry", "waits"}).out == "waits  pending\n");
  const auto node = desk.node();
  BOOST_TEST(desk.ended("waits").at("state") == "success");
  const Outcome refused = desk.flowrra({"retry", "waits"});
  BOOST_TEST(refused.code() == 6);
  BOOST_TEST(has(refused.err, "only a task that ended without success"), refused.err);
}

BOOST_AUTO_TEST_CASE(a_failed_task_is_retried_with_all_its_attempts_also_with_a_store_for_results) {
  const Desk desk(with_two_stores());
  const auto node = desk.node();
  desk.queue({"faulty.cpu_fail", "--id", "t", "--max-retries", "1", "--retry-delay", "0.01", "--tag", "kept"});
  BOOST_TEST(desk.ended("t").at("attempt") == 2);
  BOOST_TEST(desk.flowrra({"retry", "t"}).code() == 0);
  const json again = desk.ended("t");
  BOOST_TEST(again.at("attempt") == 4);
  BOOST_TEST(again.at("tags").front() == "kept");
  BOOST_TEST(desk.log("t").size() == 4);
  BOOST_TEST(desk.flowrra({"rm", "t"}).out == "t  removed\n");
  BOOST_TEST(desk.flowrra({"result", "t"}).code() == 3);
}

BOOST_AUTO_TEST_CASE(a_log_has_what_was_logged_written_and_went_wrong) {
  const Desk desk;
  const auto node = desk.node();
  desk.queue({"faulty.cpu_log", "--id", "log"});
  desk.queue({"faulty.io_log", "--id", "iolog"});
  desk.queue({"faulty.cpu_stdout", "--id", "output"});
  desk.queue({"faulty.cpu_flaky", "--id", "flaky"});
  BOOST_TEST(desk.flowrra({"wait", "log", "iolog", "output", "flaky"}).code() == 0);
  for (const char* id : {"log", "iolog"}) {
    BOOST_REQUIRE_EQUAL(desk.log(id).size(), 1);
    BOOST_TEST(desk.log(id)[0].at("message") == "a line of the task");
    BOOST_TEST(desk.log(id)[0].at("level") == "info");
  }
  const auto output = desk.log("output");
  BOOST_REQUIRE_EQUAL(output.size(), 2);
  BOOST_TEST(output[0].at("level") == "output");
  BOOST_TEST(output[0].at("attempt") == 1);
  const auto flaky = desk.log("flaky");
  BOOST_REQUIRE_EQUAL(flaky.size(), 1);
  BOOST_TEST(flaky[0].at("level") == "error");
  BOOST_TEST(has(desk.flowrra({"logs", "flaky"}).out, " 1 error   "));
  BOOST_TEST(desk.flowrra({"logs", "nobody"}).code() == 3);
}

BOOST_AUTO_TEST_CASE(a_log_can_be_followed_while_the_task_runs) {
  const Desk desk;
  const auto node = desk.node();
  desk.queue({"faulty.cpu_stdout", "--id", "warm"});  // its host is up
  desk.wait_for_end("warm");
  desk.queue({"faulty.cpu_flaky", "--id", "t", "--retry-delay", "30", "--backoff", "fixed"});
  Process follower(desk.command({"logs", "-f", "t"}));
  follower.wait_for_output_text("attempt 1");
  desk.act({"cancel", "t"});
  const Outcome outcome = follower.wait();
  BOOST_TEST(outcome.code() == 0);
}

BOOST_AUTO_TEST_CASE(a_paused_queue_waits_and_a_purged_one_is_empty) {
  const Desk desk;
  const auto node = desk.node();
  BOOST_TEST(desk.flowrra({"queue", "pause", "default"}).out == "default  paused\n");
  desk.queue({"faulty.cpu_echo", "--id", "a"});
  desk.queue({"faulty.cpu_echo", "--id", "b", "--queue", "mail"});
  const json queues = json::parse(desk.flowrra({"queue", "ls", "-o", "json"}).out);
  BOOST_REQUIRE_EQUAL(queues.size(), 2);
  BOOST_TEST(queues[0].at("queue") == "default");
  BOOST_TEST(queues[0].at("paused") == true);
  BOOST_TEST(queues[0].at("pending") == 1);
  BOOST_TEST(desk.state("a") == "pending");
  BOOST_TEST(desk.flowrra({"queue", "purge", "mail"}).code() == 2);  // nobody to ask
  BOOST_TEST(desk.flowrra({"queue", "purge", "mail", "--yes"}).out == "mail  1 removed\n");
  BOOST_TEST(desk.flowrra({"result", "b"}).code() == 3);
  BOOST_TEST(desk.flowrra({"queue", "resume", "default"}).code() == 0);
  BOOST_TEST(desk.ended("a").at("state") == "success");
  BOOST_TEST(desk.flowrra({"queue", "pause", "no queue"}).code() == 6);
  BOOST_TEST(desk.flowrra({"queue", "pasue"}).code() == 2);
}

BOOST_AUTO_TEST_CASE(a_task_expires_with_a_node_that_has_no_room_for_it) {
  Setup setup = with_faults();
  setup.executor = "lease = 2.0\ncpu_workers = 1\n";
  const Desk desk(setup);
  const auto node = desk.node();
  desk.queue({"faulty.cpu_sleep", "--id", "long", "60000"});
  desk.wait_for_state("long", "running");
  desk.queue({"faulty.cpu_echo", "--id", "late", "--expires", "100ms"});
  const Outcome outcome = desk.flowrra({"result", "late", "--wait", "--timeout", "30"});
  BOOST_TEST(outcome.code() == 5);
  BOOST_TEST(desk.state("late") == "expired");
  desk.act({"cancel", "long"});
  desk.wait_for_end("long");
}

BOOST_AUTO_TEST_CASE(tasks_are_found_by_tag_and_page_by_page) {
  const Desk desk;
  for (const char* id : {"t1", "t2", "t3"}) desk.queue({"faulty.cpu_echo", "--id", id, "--tag", "[x,y]", "--tag", id});
  BOOST_TEST(desk.flowrra({"ps", "--tag", "t2", "-o", "id"}).out == "t2\n");
  BOOST_TEST(desk.flowrra({"ps", "--tag", "[x,y]", "-o", "id"}).out == "t3\nt2\nt1\n");
  const Outcome page = desk.flowrra({"ps", "--limit", "2"});
  BOOST_TEST(has(page.err, "--offset 2"), page.err);
  BOOST_TEST(desk.flowrra({"ps", "--limit", "2", "--offset", "2", "-o", "id"}).out == "t1\n");
}

BOOST_AUTO_TEST_CASE(old_tasks_are_removed_together_and_running_ones_refuse) {
  const Desk desk;
  desk.queue({"faulty.cpu_echo", "--id", "waits"});
  desk.queue({"faulty.cpu_echo", "--id", "gone"});
  desk.act({"cancel", "gone"});
  BOOST_TEST(desk.flowrra({"rm", "waits"}).code() == 6);
  BOOST_TEST(desk.flowrra({"rm", "--older", "1h"}).out == "0 removed\n");
  BOOST_TEST(desk.flowrra({"rm", "--older", "0s"}).out == "1 removed\n");
  BOOST_TEST(desk.flowrra({"ps", "--all", "-o", "id"}).out == "waits\n");
}
