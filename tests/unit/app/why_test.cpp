#include "app/why.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

const WallTime kNow = wall_from_micros(1'800'000'000'000'000);

NodeView node(int slots, int in_flight) {
  NodeView out;
  out.status.session.id = "session";
  out.status.session.node = "host-a";
  out.status.session.pid = 7;
  out.status.session.tasks = {"text.add"};
  out.status.session.queues = {"default"};
  out.status.alive = true;
  out.health.emplace();
  out.health->at = kNow;
  out.health->room = {{"cpu", slots, in_flight}};
  return out;
}

WhyInput pending(std::vector<NodeView> nodes) {
  WhyInput in;
  in.now = kNow;
  in.record.id = "task-1";
  in.record.name = "text.add";
  in.record.kind = Kind::cpu;
  in.record.queue = "default";
  in.record.submitted_at = kNow - 1min;
  in.nodes = std::move(nodes);
  return in;
}

std::vector<std::string> codes(const WhyInput& in) {
  std::vector<std::string> out;
  for (const Reason& reason : explain(in).reasons) out.push_back(reason.code);
  return out;
}

using Codes = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(why)

BOOST_AUTO_TEST_CASE(a_task_that_could_run_is_about_to_start) {
  const Why found = explain(pending({node(2, 1)}));
  BOOST_TEST(found.reasons.front().code == "about_to_start");
  BOOST_TEST((found.expected_at == kNow));
  BOOST_TEST(!found.estimated);
}

BOOST_AUTO_TEST_CASE(whatever_stands_in_its_way_is_named) {
  BOOST_TEST(codes(pending({})) == Codes{"no_node"}, boost::test_tools::per_element());
  auto dead = node(2, 0);
  dead.status.alive = false;
  BOOST_TEST(codes(pending({dead})) == Codes{"no_node"}, boost::test_tools::per_element());
  auto draining = node(2, 0);
  draining.state = NodeView::State::draining;
  BOOST_TEST(codes(pending({draining})) == Codes{"no_node"}, boost::test_tools::per_element());

  auto elsewhere = pending({node(2, 0)});
  elsewhere.record.queue = "mail";
  elsewhere.paused = {"mail"};
  BOOST_TEST(codes(elsewhere) == (Codes{"queue_paused", "queue_not_taken"}), boost::test_tools::per_element());

  auto unknown = pending({node(2, 0)});
  unknown.record.name = "text.ad";
  unknown.nodes[0].status.session.plugins = {{"broken.so", "", "", "", "it crashes"}, {"text.so", "text", "1", "", ""}};
  const Why found = explain(unknown);
  BOOST_TEST(found.reasons[0].code == "task_unknown");
  BOOST_TEST(found.reasons[0].hint.find("text.add") != std::string::npos);
  BOOST_TEST(found.reasons[1].code == "plugin_refused");
  BOOST_TEST(!found.expected_at.has_value());
}

BOOST_AUTO_TEST_CASE(busy_slots_and_tasks_ahead_are_counted_and_the_start_is_estimated_where_it_can_be) {
  auto busy = pending({node(2, 2)});
  busy.ahead = 9;
  Why found = explain(busy);
  BOOST_TEST(found.reasons.front().code == "slots_busy");
  BOOST_TEST(found.reasons.front().message == "all 2 cpu slots are busy, and 9 tasks of its queue are ahead of it");
  BOOST_TEST(!found.expected_at.has_value());
  busy.rate = 2.0;
  found = explain(busy);
  BOOST_TEST((found.expected_at == kNow + 5s));
  BOOST_TEST(found.estimated);
  auto ahead = pending({node(2, 0)});
  ahead.ahead = 1;
  BOOST_TEST(codes(ahead) == Codes{"tasks_ahead"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_node_that_makes_no_progress_is_the_reason_where_no_other_could_run_it) {
  auto stuck = node(2, 0);
  stuck.state = NodeView::State::stuck;
  stuck.problems = {"dispatcher: the broker fails"};
  BOOST_TEST(codes(pending({stuck})) == Codes{"node_stuck"}, boost::test_tools::per_element());
  BOOST_TEST(codes(pending({stuck, node(2, 0)})) == Codes{"about_to_start"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_waits_for_its_time_says_when) {
  auto scheduled = pending({node(2, 0)});
  scheduled.record.state = State::scheduled;
  scheduled.record.due_at = kNow + 1h;
  Why found = explain(scheduled);
  BOOST_TEST(found.reasons.front().code == "not_due");
  BOOST_TEST((found.expected_at == kNow + 1h));
  scheduled.nodes.clear();
  found = explain(scheduled);
  BOOST_TEST(found.reasons.back().code == "no_node");
  BOOST_TEST(!found.expected_at.has_value());

  auto retrying = pending({node(2, 0)});
  retrying.record.state = State::retrying;
  retrying.record.attempt = 2;
  retrying.record.due_at = kNow + 10s;
  retrying.record.error = TaskError{"error", "it broke", {}};
  found = explain(retrying);
  BOOST_TEST(found.reasons.front().code == "retry_delay");
  BOOST_TEST(found.reasons.front().message == "attempt 3 begins in 10s, after the error: it broke [error]");
}

BOOST_AUTO_TEST_CASE(a_running_task_tells_where_since_when_and_until_when) {
  auto at_work = node(2, 1);
  at_work.health->hosts.push_back(
      {"cpu-2", Kind::cpu, 99, 1, true, 1, {{"task-1", "text.add", 2, 3s, Micros(7s)}}, ""});
  auto running = pending({at_work});
  running.record.state = State::running;
  running.record.node = "host-a";
  running.record.attempt = 2;
  running.record.started_at = kNow - 3s;
  running.record.cancel_requested = true;
  Why found = explain(running);
  BOOST_TEST(found.reasons[0].code == "cancel_requested");
  BOOST_TEST(found.reasons[1].message ==
             "attempt 2 runs on node host-a, host cpu-2 (pid 99), for 3s; its deadline is in 7s");
  const auto json = nlohmann::json::parse(why_json(found));
  BOOST_TEST(json["host"] == "cpu-2");
  BOOST_TEST(json["deadline"] == to_rfc3339(kNow + 7s));
  BOOST_TEST(json["reasons"][1]["code"] == "running");
  BOOST_TEST(json["ahead"].is_null());
  running.nodes.clear();
  BOOST_TEST(codes(running) == Codes{"node_lost"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_ended_task_tells_how) {
  auto failed = pending({});
  failed.record.state = State::failed;
  failed.record.attempt = 3;
  failed.record.finished_at = kNow - 2min;
  failed.record.error = TaskError{"poison", "died by SIGSEGV", "{}"};
  const Why found = explain(failed);
  BOOST_TEST(found.reasons.front().code == "failed");
  BOOST_TEST(found.reasons.front().message == "it ended as failed 2m ago, in attempt 3: died by SIGSEGV [poison]");
  BOOST_TEST(found.reasons.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_expired_task_tells_so_once) {
  auto expired = pending({});
  expired.record.state = State::expired;
  expired.record.finished_at = kNow - 2min;
  expired.record.error = TaskError{"expired", "not started before its expiry", {}};
  const Why found = explain(expired);
  BOOST_TEST(found.reasons.front().code == "expired");
  BOOST_TEST(found.reasons.front().message == "it ended as expired 2m ago: not started before its expiry");
}

BOOST_AUTO_TEST_SUITE_END()
