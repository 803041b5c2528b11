// What every backend promises, alone and beside a broker of its own, and what every directory promises.

#include "bench.hpp"

namespace flowrra::test {
namespace {

TaskRecord finished(const std::string& id, WallTime end, int attempt = 1) {
  TaskRecord out;
  out.id = id;
  out.name = "work";
  out.kind = Kind::cpu;
  out.queue = "default";
  out.priority = 3;
  out.state = State::success;
  out.attempt = attempt;
  out.args = "[1]";
  out.options.max_retries = 2;
  out.submitted_at = end - 3s;
  out.started_at = end - 1s;
  out.finished_at = end;
  out.result = "42";
  out.node = "n";
  out.resources = Resources{0.5, 4096};
  out.tags = {"t"};
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backend)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_stored_record_is_given_back_in_full, Driver, Drivers) {
  Bench<Driver> bench;
  TaskRecord given = finished("a", bench.clock.wall());
  given.state = State::failed;
  given.result.clear();
  given.crashes = 2;
  given.error = TaskError{"crash", "boom", "{}"};
  given.progress = R"({"done":1})";
  must(bench.backend().store(std::vector{given}));
  const auto found = must(bench.backend().get("a"));
  BOOST_REQUIRE(found);
  BOOST_TEST(found->name == given.name);
  BOOST_TEST((found->kind == given.kind));
  BOOST_TEST(found->queue == given.queue);
  BOOST_TEST(found->priority == given.priority);
  BOOST_TEST(found->state == given.state);
  BOOST_TEST(found->attempt == given.attempt);
  BOOST_TEST(found->crashes == given.crashes);
  BOOST_TEST(found->args == given.args);
  BOOST_TEST((found->options == given.options));
  BOOST_TEST(found->submitted_at == given.submitted_at);
  BOOST_TEST((found->started_at == given.started_at));
  BOOST_TEST((found->finished_at == given.finished_at));
  BOOST_TEST(found->result.empty());
  BOOST_TEST((found->error == given.error));
  BOOST_TEST(found->progress == given.progress);
  BOOST_TEST(found->node == given.node);
  BOOST_TEST((found->resources == given.resources));
  BOOST_TEST(found->tags == given.tags);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_two_runs_of_one_attempt_the_later_started_stays, Driver, Drivers) {
  Bench<Driver> bench;
  TaskRecord winner = finished("a", bench.clock.wall());
  TaskRecord late = winner;
  late.started_at = *winner.started_at - 1s;
  late.result = "\"late\"";
  must(bench.backend().store(std::vector{late}));
  must(bench.backend().store(std::vector{winner}));
  must(bench.backend().store(std::vector{late}));
  BOOST_TEST(must(bench.backend().get("a"))->result == "42");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(storing_again_replaces_unless_a_later_attempt_is_there, Driver, Drivers) {
  Bench<Driver> bench;
  const WallTime now = bench.clock.wall();
  TaskRecord record = finished("a", now, 2);
  must(bench.backend().store(std::vector{record, record}));
  must(bench.backend().store(std::vector{record}));
  record.result = "43";
  must(bench.backend().store(std::vector{record}));
  BOOST_TEST(must(bench.backend().get("a"))->result == "43");
  TaskRecord earlier = finished("a", now, 1);
  must(bench.backend().store(std::vector{earlier}));
  BOOST_TEST(must(bench.backend().get("a"))->attempt == 2);
  TaskRecord later = finished("a", now, 3);
  must(bench.backend().store(std::vector{later}));
  BOOST_TEST(must(bench.backend().get("a"))->attempt == 3);
  BOOST_TEST(must(bench.backend().list({})).size() == 1);
  BOOST_TEST(bench.count(State::success) == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(only_finished_tasks_can_be_stored, Driver, Drivers) {
  Bench<Driver> bench;
  TaskRecord record = finished("a", bench.clock.wall());
  record.state = State::running;
  BOOST_TEST(!bench.backend().store(std::vector{record}).ok());
  bench.push("b");
  BOOST_TEST(code_of(bench.backend().store(std::vector{finished("c", bench.clock.wall()),
                                                       finished("b", bench.clock.wall())})) == Code::duplicate);
  BOOST_TEST(bench.state("b") == State::pending);
  BOOST_TEST(!must(bench.backend().get("c")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_unfinished_task_has_no_outcome_yet, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  BOOST_TEST(!must(bench.backend().get("a")).has_value());
  const auto leased = bench.take_one();
  BOOST_TEST(!must(bench.backend().get("a")).has_value());
  BOOST_TEST(must(bench.backend().list({})).empty());
  bench.settle(to(State::success, leased));
  BOOST_TEST(must(bench.backend().get("a"))->result == "\"done\"");
  BOOST_TEST(ids(must(bench.backend().list({}))) == Ids{"a"});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(outcomes_are_listed_by_state_in_pages, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<TaskRecord> records;
  for (int i = 0; i < 6; ++i) {
    records.push_back(finished("t" + std::to_string(i), bench.clock.wall()));
    if (i % 2 == 1) records.back().state = State::failed;
  }
  must(bench.backend().store(records));
  ListQuery query;
  query.states = {State::failed};
  BOOST_TEST(ids(must(bench.backend().list(query))) == (Ids{"t5", "t3", "t1"}));
  query.limit = 1;
  query.offset = 1;
  BOOST_TEST(ids(must(bench.backend().list(query))) == Ids{"t3"});
  query = {};
  BOOST_TEST(ids(must(bench.backend().list(query))) == (Ids{"t5", "t4", "t3", "t2", "t1", "t0"}));
  query.states = {State::pending};
  BOOST_TEST(must(bench.backend().list(query)).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(only_finished_tasks_are_removed, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("runs"), task("waits")});
  bench.take_one();
  must(bench.backend().store(std::vector{finished("a", bench.clock.wall())}));
  BOOST_TEST(must(bench.backend().remove(Ids{"a", "runs", "waits", "unknown", "a"})) ==
             (std::vector<bool>{true, false, false, false, false}));
  BOOST_TEST(!must(bench.backend().get("a")).has_value());
  BOOST_TEST((bench.push(std::vector{task("a")}) == std::vector{PushOutcome::accepted}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(old_outcomes_are_removed_by_the_time_they_ended, Driver, Drivers) {
  Bench<Driver> bench;
  const WallTime now = bench.clock.wall();
  std::vector<TaskRecord> records{finished("new", now - 5s), finished("old1", now - 11s), finished("old2", now - 12s),
                                  finished("old3", now - 13s)};
  records[2].state = State::failed;
  must(bench.backend().store(records));
  bench.push("waits");
  BOOST_TEST(must(bench.backend().remove_older(10s, 2)) == 2);
  BOOST_TEST(must(bench.backend().remove_older(10s, 2)) == 1);
  BOOST_TEST(must(bench.backend().remove_older(10s, 2)) == 0);
  BOOST_TEST(ids(must(bench.backend().list({}))) == Ids{"new"});
  BOOST_TEST(bench.state("waits") == State::pending);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(clear_removes_what_is_finished_and_nothing_else, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<TaskRecord> records;
  records.reserve(2500);
  for (int i = 0; i < 2500; ++i) records.push_back(finished("t" + std::to_string(i), bench.clock.wall()));
  must(bench.backend().store(records));
  bench.push("waits");
  must(bench.backend().clear());
  BOOST_TEST(must(bench.backend().list({})).empty());
  BOOST_TEST(bench.state("waits") == State::pending);
  BOOST_TEST(bench.count(State::success) == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(where_another_backend_keeps_results_a_tombstone_stays, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto leased = bench.take_one();
  BOOST_TEST(bench.settle(to(State::success, leased), false));
  const TaskRecord found = bench.find("a");
  BOOST_TEST(found.state == State::success);
  BOOST_TEST(found.args.empty());
  BOOST_TEST(found.result.empty());
  BOOST_TEST(!must(bench.backend().get("a")).has_value());
  BOOST_TEST(must(bench.backend().list({})).empty());
  BOOST_TEST((bench.push(std::vector{task("a")}) == std::vector{PushOutcome::exists}));
  bench.clock.advance(20s);
  BOOST_TEST(must(bench.backend().remove_older(10s, 10)) == 1);
  BOOST_TEST((bench.push(std::vector{task("a")}) == std::vector{PushOutcome::accepted}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(published_specs_are_found_by_name_and_the_newest_counts, Driver, Drivers) {
  Bench<Driver> bench;
  TaskSpec add;
  add.name = "add";
  add.kind = Kind::io;
  add.schema = R"({"type":"object"})";
  add.arguments = {"a", "b"};
  add.doc = "Adds";
  add.options.max_retries = 5;
  add.plugin = "math";
  add.plugin_version = "1";
  TaskSpec sub;
  sub.name = "sub";
  BOOST_TEST(!must(bench.directory().spec("add")).has_value());
  must(bench.directory().publish(std::vector{sub, add}));
  add.plugin_version = "2";
  must(bench.directory().publish(std::vector{add}));
  const auto found = must(bench.directory().spec("add"));
  BOOST_REQUIRE(found);
  BOOST_TEST((found->kind == Kind::io));
  BOOST_TEST(found->schema == add.schema);
  BOOST_TEST(found->arguments == add.arguments);
  BOOST_TEST(found->plugin_version == "2");
  BOOST_TEST((found->options == add.options));
  const auto all = must(bench.directory().specs());
  BOOST_REQUIRE_EQUAL(all.size(), 2);
  BOOST_TEST(all[0].name == "add");
  BOOST_TEST(all[1].name == "sub");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
