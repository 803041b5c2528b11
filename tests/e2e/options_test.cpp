// What a submitter may ask for: order, time, attempts, identity; and what is refused.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "support/gate.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

Setup one_worker(const std::string& more = {}) {
  return {.plugins = {fixture("gate.so"), fixture("faulty.so")},
          .executor = "lease = 2.0\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n" + more};
}

double seconds_between(const Json& record, const char* first, const char* second) {
  const auto from = flowrra::parse_rfc3339(record[first].get<std::string>());
  const auto to = flowrra::parse_rfc3339(record[second].get<std::string>());
  BOOST_REQUIRE((from && to));
  return static_cast<double>((*to - *from).count()) / 1e6;
}

}  // namespace

BOOST_AUTO_TEST_CASE(lower_priorities_run_first_and_equal_ones_in_order_of_submission) {
  const Workplace workplace(one_worker());
  const std::string notes = workplace / "notes";
  (void)workplace.submit({"gate.note", notes, "late", "--priority", "5"});
  (void)workplace.submit({"gate.note", notes, "first", "--priority=-1"});
  (void)workplace.submit({"gate.note", notes, "second"});
  (void)workplace.submit({"gate.note", notes, "third"});
  BOOST_REQUIRE(workplace.flowrra({"run", "--drain"}).code() == 0);
  const std::vector<std::string> expected{"first 1", "second 1", "third 1", "late 1"};
  BOOST_TEST(workplace.lines("notes", 4) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_delayed_task_is_scheduled_and_starts_after_its_delay) {
  const Workplace workplace(one_worker());
  auto node = workplace.node();
  const std::string id = workplace.submit({"faulty.cpu_echo", "--delay", "0.5"});
  const Json record = workplace.ended(id);
  BOOST_TEST(record["state"] == "success");
  BOOST_TEST(seconds_between(record, "submitted_at", "started_at") >= 0.5);
}

BOOST_AUTO_TEST_CASE(a_task_for_a_later_day_stays_scheduled_and_one_for_the_past_runs) {
  const Workplace workplace(one_worker());
  auto node = workplace.node();
  const std::string later = workplace.submit({"faulty.cpu_echo", "--at", "2100-01-01T00:00:00Z"});
  const std::string past = workplace.submit({"faulty.cpu_echo", "--at", "2001-01-01T00:00:00Z"});
  BOOST_TEST(workplace.ended(past)["state"] == "success");
  BOOST_TEST(workplace.record(later)["state"] == "scheduled");
}

BOOST_AUTO_TEST_CASE(the_same_id_twice_is_one_task_and_another_task_under_it_is_refused) {
  const Workplace workplace(one_worker());
  const std::vector<std::string> once{"gate.note", workplace / "notes", "x", "--id", "mine"};
  BOOST_TEST(workplace.submit(once) == "mine");
  BOOST_TEST(workplace.submit(once) == "mine");
  BOOST_TEST(workplace.flowrra({"submit", "faulty.cpu_echo", "--id", "mine"}).code() == 6);
  BOOST_REQUIRE(workplace.flowrra({"run", "--drain"}).code() == 0);
  BOOST_TEST(workplace.submit(once) == "mine");
  BOOST_REQUIRE(workplace.flowrra({"run", "--drain"}).code() == 0);
  BOOST_TEST(workplace.lines("notes", 1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_fixed_delay_stands_between_all_attempts) {
  const Workplace workplace(one_worker("backoff = \"fixed\"\n"));
  auto node = workplace.node();
  const std::string id = workplace.submit({"faulty.cpu_flaky", "3", "--retry-delay", "0.2"});
  const Json record = workplace.ended(id);
  BOOST_TEST(record["state"] == "success");
  BOOST_TEST(record["attempt"] == 3);
  BOOST_TEST(seconds_between(record, "submitted_at", "started_at") >= 0.4);
}

BOOST_AUTO_TEST_CASE(a_task_that_keeps_failing_fails_when_its_attempts_are_used_up) {
  const Workplace workplace(one_worker());
  auto node = workplace.node();
  const std::string id = workplace.submit({"faulty.io_fail", "--max-retries", "2", "--retry-delay", "0.02"});
  const std::string last = workplace.submit({"faulty.cpu_permanent"});
  const Json record = workplace.ended(id);
  BOOST_TEST(record["state"] == "failed");
  BOOST_TEST(record["attempt"] == 3);
  BOOST_TEST(record["crashes"] == 0);
  BOOST_TEST(record["error"]["message"] == "it did not work");
  BOOST_TEST(workplace.ended(last)["attempt"] == 1);
}

BOOST_AUTO_TEST_CASE(a_timeout_stops_a_task_that_looks_and_kills_one_that_does_not) {
  const Workplace workplace(one_worker());
  auto node = workplace.node();
  for (const std::string task :
       {"cpu_spin", "cpu_sleep", "cpu_hang", "io_sleep", "io_hang", "blocking_spin", "blocking_hang"}) {
    BOOST_TEST_CONTEXT(task) {
      std::vector<std::string> words{"faulty." + task, "--timeout", "0.3", "--max-retries", "0"};
      if (task.ends_with("sleep")) words.insert(words.begin() + 1, "600000");
      const Json record = workplace.ended(workplace.submit(words));
      BOOST_TEST(record["state"] == "failed");
      BOOST_TEST(record["error"]["code"] == "timeout");
      BOOST_TEST(record["crashes"] == 0);
      // A host's timer counts whole milliseconds, the record microseconds: one may be up to one early.
      BOOST_TEST(seconds_between(record, "started_at", "finished_at") >= 0.299);
    }
  }
  BOOST_TEST(workplace.ended(workplace.submit({"faulty.cpu_echo"}))["state"] == "success");
}

BOOST_AUTO_TEST_CASE(unknown_tasks_are_not_found_and_wrong_arguments_are_rejected) {
  const Workplace workplace({.plugins = {sample("text.so")}});
  BOOST_TEST(workplace.flowrra({"submit", "text.ad", "1", "2"}).code() == 3);
  BOOST_TEST(workplace.flowrra({"submit", "text.add", "1", "two"}).code() == 6);
  BOOST_TEST(workplace.flowrra({"submit", "text.add", "1"}).code() == 6);
  BOOST_TEST(workplace.flowrra({"result", "nobody"}).code() == 3);
  auto node = workplace.node();
  BOOST_TEST(workplace.flowrra({"submit", "text.ad", "1", "2"}).code() == 3);
  BOOST_TEST(workplace.flowrra({"submit", "text.add", "1", "two"}).code() == 6);
  const Json record = workplace.ended(workplace.submit({"text.add", "2", "3"}));
  BOOST_TEST(record["result"] == 5);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_what_comes) {
  const Workplace workplace(one_worker("max_queue_size = 2\n"));
  (void)workplace.submit({"faulty.cpu_echo"});
  (void)workplace.submit({"faulty.cpu_echo"});
  const Outcome third = workplace.flowrra({"submit", "faulty.cpu_echo"});
  BOOST_TEST(third.code() == 6);
  BOOST_TEST(third.err.find('2') != std::string::npos);
}
