// What every broker promises about ending tasks from outside, giving them another life, and pausing queues.

#include "bench.hpp"

namespace flowrra::test {

namespace {

using Ids = std::vector<TaskId>;

NewTask expiring(const TaskId& id, Micros expires) {
  NewTask out = task(id);
  out.expires = expires;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ending_tasks)

BOOST_AUTO_TEST_CASE_TEMPLATE(waiting_tasks_are_cancelled_and_running_ones_asked_to_end, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask delayed = task("delayed");
  delayed.delay = 10s;
  bench.push(std::vector{task("runs"), task("waits"), delayed});
  const auto leased = bench.take_one();
  using enum CancelOutcome;
  BOOST_TEST((must(bench.broker().cancel(Ids{"runs", "waits", "delayed", "none"})) ==
              std::vector{requested, cancelled, cancelled, unknown}));
  BOOST_TEST(bench.state("waits") == State::cancelled);
  BOOST_TEST(bench.find("waits").error.value().code == "cancelled");
  BOOST_TEST(bench.find("delayed").finished_at.value() == bench.clock.wall());
  BOOST_TEST(bench.find("runs").cancel_requested);
  BOOST_TEST((must(bench.broker().cancel(Ids{"waits"})) == std::vector{over}));
  BOOST_TEST(bench.settle(to(State::success, leased)));  // it was done before anybody could stop it
  BOOST_TEST(!bench.find("runs").cancel_requested);
  bench.clock.advance(20s);
  BOOST_TEST(bench.take().empty());
  BOOST_TEST(must(bench.backend().get("waits")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_node_is_told_what_of_its_own_shall_end_until_it_has, Driver, Drivers) {
  Bench<Driver> bench;
  bench.open_session("other");
  bench.push("mine");
  const auto mine = bench.take_one();
  bench.push("theirs");
  const auto theirs = bench.take_as("other").at(0);
  must(bench.broker().cancel(Ids{"mine", "theirs"}));
  ExchangeRequest look;
  look.take = bench.request(0);
  BOOST_TEST(must(bench.broker().exchange(look)).cancel == Ids{"mine"}, boost::test_tools::per_element());
  BOOST_TEST(must(bench.broker().exchange(look)).cancel == Ids{"mine"}, boost::test_tools::per_element());
  BOOST_TEST(bench.settle(to(State::cancelled, mine)));
  BOOST_TEST(must(bench.broker().exchange(look)).cancel.empty());
  BOOST_TEST(bench.settle(to(State::cancelled, theirs)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_task_that_shall_end_gets_no_other_attempt, Driver, Drivers) {
  Bench<Driver> bench;
  for (const char* id : {"retried", "released", "lost"}) bench.push(id);
  const auto leased = bench.take(3);
  must(bench.broker().cancel(Ids{"retried", "released", "lost"}));
  BOOST_TEST(bench.settle(retry_after(1s, leased.at(0))));
  BOOST_TEST(bench.settle(released(leased.at(1))));
  bench.clock.advance(bench.kLease + 1s);
  BOOST_TEST(must(bench.broker().recover()) == 1);
  for (const char* id : {"retried", "released", "lost"}) {
    BOOST_TEST(bench.state(id) == State::cancelled);
    BOOST_TEST(bench.find(id).error.value().code == "cancelled");
  }
  BOOST_TEST(bench.count(State::cancelled) == 3);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_task_that_has_not_begun_in_time_expires_and_one_that_has_does_not, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask later = expiring("later", 5s);
  later.delay = 60s;
  bench.push(std::vector{expiring("runs", 5s), expiring("waits", 5s), later, expiring("stays", 100s)});
  const auto runs = bench.take_one();
  ExchangeRequest look;
  look.take = bench.request(0);
  BOOST_TEST((must(bench.broker().exchange(look)).next_expiry == Micros(5s)));
  bench.clock.advance(5s);
  const auto taken = bench.take();
  BOOST_REQUIRE_EQUAL(taken.size(), 1);
  BOOST_TEST(taken.front().task.id == "stays");
  BOOST_TEST(bench.state("waits") == State::expired);
  BOOST_TEST(bench.state("later") == State::expired);
  BOOST_TEST(bench.find("waits").error.value().code == "expired");
  BOOST_TEST(bench.count(State::expired) == 2);
  BOOST_TEST(bench.settle(to(State::success, runs)));
  BOOST_TEST((!must(bench.broker().exchange(look)).next_expiry));
}

// A store ends some thousands in one turn, and leaves the rest to the next.
BOOST_AUTO_TEST_CASE_TEMPLATE(of_a_great_many_that_expire_at_once_none_is_taken, Driver, Drivers) {
  constexpr int kMany = 4100;
  Bench<Driver> bench;
  std::vector<NewTask> tasks;
  tasks.reserve(kMany);
  for (int i = 0; i < kMany; ++i) tasks.push_back(expiring(std::to_string(i), 5s));
  bench.push(tasks);
  bench.push(std::vector{expiring("stays", 100s)});
  bench.clock.advance(5s);
  ExchangeRequest claim;
  claim.take = bench.request(100);
  auto answer = must(bench.broker().exchange(claim));
  for (int turn = 1; answer.taken.empty() && turn < kMany; ++turn) {
    BOOST_REQUIRE((answer.next_due == Micros(0)));  // there is more to do, and at once
    answer = must(bench.broker().exchange(claim));
  }
  BOOST_REQUIRE_EQUAL(answer.taken.size(), 1);
  BOOST_TEST(answer.taken.front().task.id == "stays");
  BOOST_TEST(bench.count(State::expired) == kMany);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_task_that_ended_without_success_can_be_replayed_with_all_its_retries, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("done");
  BOOST_TEST(bench.settle(to(State::success, bench.take_one())));
  bench.push("failed");
  auto failure = to(State::failed, bench.take_one());
  failure.crashed = true;
  BOOST_TEST(bench.settle(failure));
  bench.push("cancelled");
  must(bench.broker().cancel(Ids{"cancelled"}));
  std::vector<TaskRecord> records;
  for (const char* id : {"done", "failed", "cancelled"}) records.push_back(bench.find(id));
  records.push_back(records.back());
  records.back().id = "unknown";
  using enum ReplayOutcome;
  BOOST_TEST((must(bench.broker().replay(records)) == std::vector{refused, replayed, replayed, unknown}));
  const auto taken = bench.take();
  BOOST_REQUIRE_EQUAL(taken.size(), 2);
  BOOST_TEST(taken[0].task.id == "failed");
  BOOST_TEST(taken[0].task.attempt == 2);
  BOOST_TEST(taken[0].task.attempts_before == 1);
  BOOST_TEST(taken[0].task.crashes == 0);
  BOOST_TEST(taken[0].task.args == records[1].args);
  BOOST_TEST((must(bench.broker().replay(records))[1] == refused));
  BOOST_TEST(bench.count(State::failed) == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_success_after_a_replay_has_no_error, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  must(bench.broker().cancel(Ids{"a"}));
  must(bench.broker().replay(std::vector{bench.find("a")}));
  BOOST_TEST(bench.settle(to(State::success, bench.take_one())));
  BOOST_TEST(bench.state("a") == State::success);
  BOOST_TEST(!bench.find("a").error.has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_replay_restores_what_was_left_to_another_backend, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask tagged = task("a");
  tagged.args = R"(["x"])";
  tagged.tags = {"t"};
  bench.push(std::vector{tagged});
  const auto leased = bench.take_one();
  BOOST_TEST(bench.settle(to(State::failed, leased), false));
  TaskRecord kept = leased.task;
  kept.log = "first life\n";
  BOOST_TEST((must(bench.broker().replay(std::vector{kept})).front() == ReplayOutcome::replayed));
  const auto again = bench.take_one();
  BOOST_TEST(again.task.args == R"(["x"])");
  BOOST_TEST(bench.find("a").log == "first life\n");
  BOOST_TEST(again.task.tags == std::vector<std::string>{"t"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_purge_removes_what_waits_in_one_queue, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask delayed = task("delayed");
  delayed.delay = 10s;
  NewTask other = task("other");
  other.queue = "mail";
  bench.push("runs");
  const auto runs = bench.take_one();
  bench.push(std::vector{task("waits"), delayed, other});
  BOOST_TEST(must(bench.broker().purge("default")) == 2);
  BOOST_TEST(must(bench.broker().purge("default")) == 0);
  BOOST_TEST(!must(bench.broker().find("waits")).has_value());
  BOOST_TEST(bench.state("other") == State::pending);
  BOOST_TEST(bench.count(State::pending) == 1);
  BOOST_TEST(bench.count(State::scheduled) == 0);
  BOOST_TEST(bench.settle(to(State::success, runs)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_paused_queue_gives_nothing_until_it_is_resumed, Driver, Drivers) {
  Bench<Driver> bench;
  must(bench.directory().set_paused("default", true));
  must(bench.directory().set_paused("default", true));
  NewTask delayed = task("delayed");
  delayed.delay = 10s;
  bench.push(std::vector{task("a"), delayed});
  const auto other = bench.open();
  BOOST_TEST(must(other->directory().paused_queues()) == std::vector<std::string>{"default"},
             boost::test_tools::per_element());
  ExchangeRequest turn;
  turn.take = bench.request(10);
  const auto answer = must(bench.broker().exchange(turn));
  BOOST_TEST(answer.taken.empty());
  BOOST_TEST(!answer.next_due.has_value());  // nothing of it can come
  bench.clock.advance(20s);
  BOOST_TEST(bench.take().empty());
  must(other->directory().set_paused("default", false));
  BOOST_TEST(bench.take().size() == 2);
  BOOST_TEST(must(bench.directory().paused_queues()).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_log_grows_with_progress_and_outcome_and_keeps_its_end, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  auto leased = bench.take_one();
  ExchangeRequest turn;
  turn.progress.push_back({leased.lease, "", "one\n"});
  turn.progress.push_back({leased.lease, R"({"done":1})", ""});
  must(bench.broker().exchange(turn));
  BOOST_TEST(bench.find("a").log == "one\n");
  BOOST_TEST(bench.find("a").progress == R"({"done":1})");
  auto retry = retry_after(1s, leased);
  retry.log = "two\n";
  BOOST_TEST(bench.settle(retry));
  BOOST_TEST(!bench.settle(retry));  // stale: its lines are not kept again
  bench.clock.advance(2s);
  leased = bench.take_one();
  auto done = to(State::success, leased);
  done.log = "three\n";
  BOOST_TEST(bench.settle(done));
  BOOST_TEST(must(bench.backend().get("a"))->log == "one\ntwo\nthree\n");
  BOOST_TEST(must(bench.backend().list({})).front().log.empty());
  must(bench.backend().remove(Ids{"a"}));
  bench.push("a");
  BOOST_TEST(bench.find("a").log.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_separate_backend_gets_the_log_of_every_attempt, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  auto retry = retry_after(0s, bench.take_one());
  retry.log = "one\n";
  BOOST_TEST(bench.settle(retry, false));
  ExchangeRequest turn;
  turn.keep_results = false;
  turn.take = bench.request(1);
  const auto taken = must(bench.broker().exchange(turn)).taken;
  BOOST_REQUIRE_EQUAL(taken.size(), 1);
  BOOST_TEST(taken.front().task.log == "one\n");
  BOOST_TEST(bench.settle(to(State::success, taken.front()), false));
  BOOST_TEST(bench.find("a").log.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(tasks_are_listed_by_tag, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask red = task("red");
  red.tags = {"red", "all"};
  NewTask blue = task("blue");
  blue.tags = {"blue", "all"};
  bench.push(std::vector{red, blue, task("plain")});
  const auto ids = [&](const std::string& tag) {
    ListQuery query;
    query.tag = tag;
    Ids out;
    for (const auto& record : must(bench.broker().list(query))) out.push_back(record.id);
    return out;
  };
  BOOST_TEST(ids("red") == Ids{"red"}, boost::test_tools::per_element());
  BOOST_TEST(ids("all") == (Ids{"blue", "red"}), boost::test_tools::per_element());
  BOOST_TEST(ids("re").empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(counts_are_by_queue_task_and_state, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask other = task("o");
  other.name = "other";
  bench.push(std::vector{task("a"), task("b"), other});
  const auto counts = must(bench.broker().counts());
  BOOST_REQUIRE_EQUAL(counts.size(), 2);
  BOOST_TEST(counts[0].name == "other");
  BOOST_TEST(counts[0].count == 1);
  BOOST_TEST(counts[1].name == "work");
  BOOST_TEST(counts[1].count == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
