// How the Redis store keeps pending tasks: those of one submission that are alike stand together.
#ifdef FLOWRRA_WITH_REDIS

#include <algorithm>

#include "redis_access.hpp"

namespace flowrra::test {
namespace {

class BlocksBench : public RedisBench {
 public:
  static TaskId id_of(int number) { return "t" + std::to_string(number); }
  static Ids ids_of(int from, int to) {
    Ids out;
    for (int i = from; i <= to; ++i) out.push_back(id_of(i));
    return out;
  }
  void push_alike(int from, int to) {
    std::vector<NewTask> tasks;
    for (const TaskId& id : ids_of(from, to)) tasks.push_back(task(id));
    push(tasks);
  }
  std::string stored() { return cli({"ZRANGE", "ready:default:work", "0", "-1"}); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_blocks)

BOOST_AUTO_TEST_CASE(what_leaves_a_block_leaves_the_rest_in_order) {
  BlocksBench bench;
  bench.push_alike(1, 6);
  BOOST_TEST(bench.stored() == "0000000000000001:t1 t2 t3 t4 t5 t6");
  BOOST_TEST(ids(bench.take(1)) == Ids{"t1"});
  BOOST_TEST(bench.stored() == "0000000000000002:t2 t3 t4 t5 t6");
  must(bench.broker().cancel(Ids{"t5", "t3"}));
  BOOST_TEST(bench.stored() == "0000000000000002:t2\n0000000000000004:t4\n0000000000000006:t6");
  must(bench.broker().cancel(Ids{"t6"}));
  BOOST_TEST(ids(bench.take()) == (Ids{"t2", "t4"}));
  BOOST_TEST(bench.stored() == "");
}

BOOST_AUTO_TEST_CASE(a_block_has_a_bound_and_tasks_of_one_kind) {
  BlocksBench bench;
  std::vector<NewTask> tasks;
  for (const TaskId& id : BlocksBench::ids_of(1, 66)) tasks.push_back(task(id));
  tasks.back().priority = -1;
  bench.push(tasks);
  BOOST_TEST(bench.cli({"ZCARD", "ready:default:work"}) == "4");
  Ids expected{"t66"};
  for (const TaskId& id : BlocksBench::ids_of(1, 65)) expected.push_back(id);
  BOOST_TEST(ids(bench.take()) == expected);
}

BOOST_AUTO_TEST_CASE(a_task_that_comes_back_stands_before_the_rest_of_its_block) {
  BlocksBench bench;
  bench.push_alike(1, 5);
  const auto taken = bench.take(3);
  BOOST_TEST(bench.settle(released(taken[1])));
  BOOST_TEST(bench.stored() == "0000000000000002:t2\n0000000000000004:t4 t5");
  BOOST_TEST(must(bench.broker().ahead_of("t5", {"work"})) == 2);
  BOOST_TEST(ids(bench.take()) == (Ids{"t2", "t4", "t5"}));
}

BOOST_AUTO_TEST_CASE(many_blocks_in_front_are_counted) {
  BlocksBench bench;
  constexpr int kTasks = 40'000;  // more blocks than are looked at one by one
  constexpr int kPart = 4'000;
  for (int i = 0; i < kTasks; i += kPart) bench.push_alike(i, i + kPart - 1);
  for (const int number : {0, 1, 31, 32, 31'999, 32'000, 39'999}) {
    BOOST_TEST(must(bench.broker().ahead_of(BlocksBench::id_of(number), {"work"})) == number);
  }
  BOOST_TEST(must(bench.broker().purge("default")) == kTasks);
  BOOST_TEST(bench.stored() == "");
}

// Blocks of all sizes, of which some are looked at.
BOOST_AUTO_TEST_CASE(very_many_in_front_are_estimated) {
  BlocksBench bench;
  int tasks = 0;
  const auto check_last = [&] {
    const auto ahead = static_cast<double>(must(bench.broker().ahead_of(BlocksBench::id_of(tasks - 1), {"work"})));
    BOOST_TEST(ahead > 0.8 * tasks);
    BOOST_TEST(ahead < 1.2 * tasks);
  };
  for (; tasks < 1500; ++tasks) bench.push_alike(tasks, tasks);
  for (int i = 0; i < 10; ++i, tasks += 4000) bench.push_alike(tasks, tasks + 3999);
  check_last();
  for (int i = 0; i < 1500; ++i, ++tasks) bench.push_alike(tasks, tasks);
  check_last();
}

// Whoever put it there: it hides nothing, and goes with the tasks around it.
BOOST_AUTO_TEST_CASE(a_block_without_tasks_is_passed_over) {
  for (const bool of_two_lanes : {false, true}) {
    BlocksBench bench;
    for (const char* garbage : {"x", "0000000000000002:", "0000000000000003: ", ""}) {
      bench.cli({"ZADD", "ready:default:work", "-1", garbage});
    }
    bench.push_alike(1, 3);
    Ids names{"work"};
    if (of_two_lanes) {
      bench.push(std::vector{task("other", "other")});
      names.emplace_back("other");
    }
    BOOST_TEST(ids(bench.take(2, names)) == (Ids{"t1", "t2"}));
    BOOST_TEST(bench.stored() == "0000000000000003:t3");
    bench.cli({"ZADD", "ready:default:work", "1", "x"});
    BOOST_TEST(ids(bench.take(1, names)) == Ids{"t3"});
    BOOST_TEST(bench.take(1, {"work"}).empty());
    BOOST_TEST(bench.stored() == "");
  }
}

// As after a loss of `seq` and `all`.
BOOST_AUTO_TEST_CASE(a_task_leaves_its_block_though_it_is_not_where_it_is_looked_for_first) {
  BlocksBench bench;
  bench.push_alike(1, 32);
  bench.cli({"DEL", "seq"});
  bench.cli({"DEL", "all"});
  bench.push_alike(40, 41);
  bench.push_alike(50, 60);
  must(bench.broker().cancel(Ids{"t30", "t2", "t50"}));
  Ids expected;
  for (const auto& [from, to] : {std::pair{1, 1}, {3, 29}, {31, 32}, {40, 41}, {51, 60}}) {
    for (const TaskId& id : BlocksBench::ids_of(from, to)) expected.push_back(id);
  }
  auto taken = ids(bench.take());
  std::ranges::sort(taken);
  std::ranges::sort(expected);
  BOOST_TEST(taken == expected);
  for (const char* id : {"t30", "t2", "t50"}) BOOST_TEST(bench.state(id) == State::cancelled);
}

// Its block cannot be found then; what was cancelled does not run all the same.
BOOST_AUTO_TEST_CASE(a_task_whose_block_was_given_another_priority_by_hand_does_not_run_once_cancelled) {
  BlocksBench bench;
  bench.push_alike(1, 3);
  bench.cli({"ZADD", "ready:default:work", "7", "0000000000000001:t1 t2 t3"});
  must(bench.broker().cancel(Ids{"t2"}));
  BOOST_TEST(ids(bench.take()) == (Ids{"t1", "t3"}));
  BOOST_TEST(bench.state("t2") == State::cancelled);
  BOOST_TEST(bench.stored() == "");
  bench.check_is_whole();
}

BOOST_AUTO_TEST_CASE(what_stands_among_the_pending_by_mistake_is_left_as_it_is) {
  BlocksBench bench;
  bench.push("done");
  BOOST_TEST(bench.settle(to(State::success, bench.take_one())));
  bench.push("waits");
  bench.cli({"ZADD", "ready:default:work", "-1", "0000000000000001:done"});
  BOOST_TEST(bench.take(1).empty());
  BOOST_TEST(ids(bench.take(1)) == Ids{"waits"});
  BOOST_TEST(bench.state("done") == State::success);
  BOOST_TEST(bench.count(State::success) == 1);
  BOOST_TEST(bench.count(State::pending) == 0);
  bench.check_is_whole();
}

BOOST_AUTO_TEST_CASE(a_task_of_a_block_that_cannot_be_read_keeps_its_order_of_arrival) {
  BlocksBench bench;
  bench.push_alike(1, 40);
  for (const char* id : {"t3", "t39"}) bench.cli({"HSET", "state", id, "garbage\n[]"});
  BOOST_TEST(bench.take().size() == 38);
  BOOST_TEST(bench.state("t39") == State::failed);
  ListQuery query;
  query.limit = 100;
  query.order = ListQuery::Order::oldest;
  BOOST_TEST(ids(must(bench.broker().list(query))) == BlocksBench::ids_of(1, 40));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
