// What every broker promises about queues: pushing, bounds, cancelling, finding and counting.

#include <algorithm>

#include "bench.hpp"

namespace flowrra::test {

BOOST_AUTO_TEST_SUITE(queue)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_pushed_task_is_found_as_it_was_given, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask given = task("a", "media.thumbnail");
  given.kind = Kind::io;
  given.queue = "slow";
  given.priority = -7;
  given.args = R"({"path":"cat.jpg"})";
  given.options.timeout = 3s;
  given.options.max_retries = 0;
  given.tags = {"x", "y \"z\""};
  bench.push(std::vector{given});
  const TaskRecord found = bench.find("a");
  BOOST_TEST(found.name == "media.thumbnail");
  BOOST_TEST((found.kind == Kind::io));
  BOOST_TEST(found.queue == "slow");
  BOOST_TEST(found.priority == -7);
  BOOST_TEST(found.args == given.args);
  BOOST_TEST((found.options == given.options));
  BOOST_TEST(found.tags == given.tags);
  BOOST_TEST(found.state == State::pending);
  BOOST_TEST(found.attempt == 0);
  BOOST_TEST(found.submitted_at == bench.clock.wall());
  BOOST_TEST(!found.started_at.has_value());
  BOOST_TEST(!must(bench.broker().find("b")).has_value());
}

// Also where both have several lines, and through all that a task goes through.
BOOST_AUTO_TEST_CASE_TEMPLATE(arguments_and_result_are_told_apart, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask given = task("a");
  given.args = "{\n\"n\": 1}";
  const auto has_arguments = [&bench](const std::string& args) {
    std::string found = args;
    std::ranges::replace(found, '\n', ' ');  // a store may keep the same JSON in one line
    BOOST_TEST(found == "{ \"n\": 1}");
    BOOST_TEST(bench.find("a").args == args);
  };
  bench.push(std::vector{given});
  has_arguments(bench.find("a").args);
  bench.settle(to(State::retrying, bench.take_one()));
  BOOST_TEST(bench.find("a").result.empty());
  bench.settle(to(State::failed, bench.take_one()));
  must(bench.broker().replay(std::vector{bench.find("a")}));
  const LeasedTask last = bench.take_one();
  has_arguments(last.task.args);
  Settlement end = to(State::success, last);
  end.result = "[\n5\n]";
  bench.settle(end);
  has_arguments(bench.find("a").args);
  BOOST_TEST(bench.find("a").result == "[\n5\n]");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_id_twice_is_one_task, Driver, Drivers) {
  Bench<Driver> bench;
  BOOST_TEST(
      (bench.push(std::vector{task("a"), task("a")}) == std::vector{PushOutcome::accepted, PushOutcome::exists}));
  NewTask other = task("a", "other");
  BOOST_TEST((bench.push(std::vector{other}) == std::vector{PushOutcome::exists}));
  BOOST_TEST(bench.find("a").name == "work");
  const auto leased = bench.take_one();
  BOOST_TEST((bench.push(std::vector{task("a")}) == std::vector{PushOutcome::exists}));
  bench.settle(to(State::success, leased));
  BOOST_TEST((bench.push(std::vector{task("a")}) == std::vector{PushOutcome::exists}));
  BOOST_TEST(bench.state("a") == State::success);
  BOOST_TEST(bench.take().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_full_queue_refuses_and_others_do_not, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks{task("a"), task("b", "other"), task("c"), task("d"), task("a")};
  tasks[1].delay = 10s;  // scheduled tasks wait too
  BOOST_TEST((bench.push(tasks, 3) == std::vector{PushOutcome::accepted, PushOutcome::accepted, PushOutcome::accepted,
                                                  PushOutcome::queue_full, PushOutcome::exists}));
  BOOST_TEST(!must(bench.broker().find("d")).has_value());
  NewTask elsewhere = task("e");
  elsewhere.queue = "side";
  BOOST_TEST((bench.push(std::vector{elsewhere}, 3) == std::vector{PushOutcome::accepted}));
  BOOST_TEST((bench.push(std::vector{task("d")}, 3) == std::vector{PushOutcome::queue_full}));
  const auto leased = bench.take_one();  // what runs does not wait
  BOOST_TEST((bench.push(std::vector{task("d")}, 3) == std::vector{PushOutcome::accepted}));
  BOOST_TEST((bench.push(std::vector{task("f")}, 3) == std::vector{PushOutcome::queue_full}));
  bench.settle(released(leased));  // a task given back is never refused
  BOOST_TEST(bench.count(State::pending) + bench.count(State::scheduled) == 5);
}

// As many as a driver may add at once; what is said of one is said of it alone.
BOOST_AUTO_TEST_CASE_TEMPLATE(among_many_each_is_told_apart, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("t37");
  std::vector<NewTask> tasks;
  std::vector<PushOutcome> expected(200, PushOutcome::accepted);
  tasks.reserve(200);
  for (int i = 0; i < 200; ++i) tasks.push_back(task("t" + std::to_string(i)));
  expected[37] = PushOutcome::exists;
  tasks[75].id = "t70";  // twice in one run of them
  expected[75] = PushOutcome::exists;
  tasks[150].id = "t3";  // and far behind the first
  expected[150] = PushOutcome::exists;
  tasks[110].queue = "side";
  tasks[111].delay = 10s;
  tasks[112].tags = {"x"};
  tasks[113].options.max_retries = 7;
  BOOST_TEST((bench.push(tasks) == expected));
  BOOST_TEST(bench.count(State::pending) == 197);  // with the one that was there
  BOOST_TEST(bench.count(State::scheduled) == 1);
  BOOST_TEST(bench.find("t110").queue == "side");
  BOOST_TEST(bench.find("t112").tags == tasks[112].tags);
  BOOST_TEST(bench.find("t113").options.max_retries.value_or(0) == 7);
  BOOST_TEST((bench.push(tasks) == std::vector<PushOutcome>(200, PushOutcome::exists)));
  BOOST_TEST(bench.take(1000).size() == 196U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_queue_is_filled_to_its_bound_by_one_push, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks;
  std::vector<PushOutcome> expected(150, PushOutcome::queue_full);
  tasks.reserve(150);
  for (int i = 0; i < 150; ++i) tasks.push_back(task("t" + std::to_string(i)));
  std::fill_n(expected.begin(), 100, PushOutcome::accepted);
  BOOST_TEST((bench.push(tasks, 100) == expected));
  BOOST_TEST(bench.count(State::pending) == 100);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(names_outside_the_alphabet_are_refused_and_nothing_is_queued, Driver, Drivers) {
  Bench<Driver> bench;
  for (const std::string bad : {"", "a b", "ä", "x'; DROP TABLE task; --", "a\n"}) {
    NewTask by_id = task(bad);
    NewTask by_name = task("n", bad);
    NewTask by_queue = task("q");
    by_queue.queue = bad;
    for (const NewTask& refused : {by_id, by_name, by_queue}) {
      const auto result = bench.broker().push(std::vector{task("good"), refused}, 100);
      BOOST_TEST(code_of(result) == Code::invalid);
    }
  }
  BOOST_TEST(!must(bench.broker().find("good")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_empty_batch_is_nothing, Driver, Drivers) {
  Bench<Driver> bench;
  BOOST_TEST(bench.push(std::vector<NewTask>{}).empty());
  const auto answer = must(bench.broker().exchange({}));
  BOOST_TEST((answer.settled.empty() && answer.taken.empty() && !answer.next_due));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(tasks_are_listed_oldest_first_or_by_their_end_when_asked, Driver, Drivers) {
  Bench<Driver> bench;
  for (const char* id : {"a", "b", "c", "d"}) {
    bench.push(std::vector{task(id)});
    bench.clock.advance(1s);
  }
  const auto taken = bench.take(3);
  ListQuery query;
  query.order = ListQuery::Order::oldest;
  query.limit = 3;
  BOOST_TEST(ids(must(bench.broker().list(query))) == (Ids{"a", "b", "c"}));
  query.states = {State::pending};
  BOOST_TEST(ids(must(bench.broker().list(query))) == Ids{"d"});

  for (const std::size_t i : {1U, 2U, 0U}) {
    bench.clock.advance(1s);
    bench.settle(to(i == 2 ? State::failed : State::success, taken[i]));
  }
  query.order = ListQuery::Order::finished_last;
  query.states = {};
  BOOST_TEST(ids(must(bench.broker().list(query))) == (Ids{"a", "c", "b"}));
  BOOST_TEST(ids(must(bench.backend().list(query))) == (Ids{"a", "c", "b"}));
  query.states = {State::pending, State::success};
  query.limit = 1;
  query.offset = 1;
  BOOST_TEST(ids(must(bench.broker().list(query))) == Ids{"b"});
  query.queue = "other";
  BOOST_TEST(must(bench.broker().list(query)).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(tasks_are_listed_newest_first_by_state_queue_and_name, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks{task("a"), task("b", "other"), task("c"), task("d"), task("e")};
  tasks[2].queue = "side";
  bench.push(tasks);
  const auto leased = bench.take(2);
  bench.settle(to(State::success, leased[0]));  // a; d runs
  ListQuery query;
  BOOST_TEST(ids(must(bench.broker().list(query))) == (Ids{"e", "d", "c", "b", "a"}));
  query.limit = 2;
  query.offset = 1;
  BOOST_TEST(ids(must(bench.broker().list(query))) == (Ids{"d", "c"}));
  query = {};
  query.states = {State::pending};
  BOOST_TEST(ids(must(bench.broker().list(query))) == (Ids{"e", "c", "b"}));
  query.queue = "default";
  BOOST_TEST(ids(must(bench.broker().list(query))) == (Ids{"e", "b"}));
  query.name = "other";
  BOOST_TEST(ids(must(bench.broker().list(query))) == Ids{"b"});
  query = {};
  query.states = {State::running};
  BOOST_TEST(ids(must(bench.broker().list(query))) == Ids{"d"});
  query.states = {State::success, State::running};
  BOOST_TEST(ids(must(bench.broker().list(query))) == (Ids{"d", "a"}));
  query.states = {State::success, State::failed};
  BOOST_TEST(ids(must(bench.broker().list(query))) == Ids{"a"});
  query = {};
  query.queue = "nowhere";
  BOOST_TEST(must(bench.broker().list(query)).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(tasks_are_listed_by_the_beginning_of_their_id, Driver, Drivers) {
  Bench<Driver> bench;
  for (const char* id : {"ab", "abc", "ab-1", "b", "aa", "Ab"}) bench.push(std::vector{task(id)});
  ListQuery query;
  query.id_begin = "ab";
  std::vector<std::string> ids;
  for (const TaskRecord& record : must(bench.broker().list(query))) ids.push_back(record.id);
  BOOST_TEST(ids == (std::vector<std::string>{"ab-1", "abc", "ab"}), boost::test_tools::per_element());
  query.states = {State::running};
  BOOST_TEST(must(bench.broker().list(query)).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(counts_follow_every_change, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks{task("a"), task("b"), task("c"), task("d"), task("e")};
  tasks[3].delay = 10s;
  tasks[4].queue = "side";
  bench.push(tasks);
  const auto taken = bench.take(3);
  bench.settle(to(State::success, taken[0]));
  bench.settle(retry_after(5s, taken[1]));
  bench.settle(released(taken[2]));
  const auto count = [&](State state) { return bench.count(state); };
  BOOST_TEST(count(State::success) == 1);
  BOOST_TEST(count(State::retrying) == 1);
  BOOST_TEST(count(State::pending) == 2);
  BOOST_TEST(count(State::scheduled) == 1);
  bench.clock.advance(10s);
  must(bench.broker().exchange({}));
  BOOST_TEST(count(State::pending) == 4);
  must(bench.broker().cancel(Ids{"e"}));
  bench.take(1);
  BOOST_TEST(count(State::pending) == 2);
  BOOST_TEST(count(State::running) == 1);
  BOOST_TEST(count(State::cancelled) == 1);
  must(bench.backend().clear());
  BOOST_TEST(count(State::cancelled) == 0);
  BOOST_TEST(count(State::success) == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(two_stores_see_one_state, Driver, Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  bench.push("a");
  BOOST_TEST(must(other->broker().find("a")).has_value());
  const auto taken = must(other->broker().take(bench.request(1)));
  BOOST_TEST(ids(taken) == Ids{"a"});
  BOOST_TEST(bench.settle(to(State::success, taken.front())));
  BOOST_TEST(must(other->backend().get("a")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(ten_thousand_at_once_are_pushed_listed_cancelled_and_removed, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks;
  Ids all;
  for (int i = 0; i < 10'000; ++i) {
    all.push_back("t" + std::to_string(10'000 + i));
    tasks.push_back(task(all.back()));
  }
  bench.push(tasks);
  ListQuery query;
  query.limit = 20'000;
  query.order = ListQuery::Order::oldest;
  BOOST_TEST((ids(must(bench.broker().list(query))) == all));
  query.id_begin = "t";
  BOOST_TEST((ids(must(bench.broker().list(query))) == all));
  const auto cancelled = must(bench.broker().cancel(all));
  BOOST_TEST(std::ranges::count(cancelled, CancelOutcome::cancelled) == 10'000);
  const auto removed = must(bench.backend().remove(all));
  BOOST_TEST(std::ranges::count(removed, true) == 10'000);
  BOOST_TEST(must(bench.broker().list(query)).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
