// How claims share places among queues of some weight.

#include <cstdlib>
#include <map>

#include "bench.hpp"

namespace flowrra::test {

BOOST_AUTO_TEST_SUITE(weights)

// Pushes `count` tasks of queue "a", then as many of "b", and so on.
template <typename Driver>
void push_queues(Bench<Driver>& bench, const std::string& queues, int count) {
  std::vector<NewTask> tasks;
  for (const char queue : queues) {
    for (int i = 0; i < count; ++i) {
      tasks.push_back(task(queue + std::to_string(i)));
      tasks.back().queue = std::string(1, queue);
    }
  }
  bench.push(tasks);
}

// Claims `limit` at a time until `total` are taken; how many of each queue, by its letter.
template <typename Driver>
std::map<char, int> claim_shared(Bench<Driver>& bench, const std::vector<std::string>& queues,
                                 const std::vector<int>& weights, int limit, int total) {
  std::map<char, int> out;
  ExchangeRequest turn;
  turn.take = bench.request(limit, {"work"}, queues);
  turn.take->weights = weights;
  for (int taken = 0; taken < total;) {
    auto answer = must(bench.broker().exchange(turn));
    BOOST_REQUIRE(!answer.taken.empty());
    BOOST_REQUIRE_EQUAL(answer.credits.size(), 1);
    turn.take->wants[0].credits = answer.credits[0];
    for (const auto& leased : answer.taken) ++out[leased.task.id[0]];
    taken += static_cast<int>(answer.taken.size());
  }
  return out;
}

BOOST_AUTO_TEST_CASE_TEMPLATE(places_are_shared_among_queues_by_weight_however_large_a_claim_is, Driver, Drivers) {
  for (const int limit : {1, 3, 10, 50}) {
    BOOST_TEST_CONTEXT(limit << " at a time") {
      Bench<Driver> bench;
      push_queues(bench, "abc", 100);
      const auto taken = claim_shared(bench, {"a", "b", "c"}, {7, 2, 1}, limit, 50);
      BOOST_TEST(std::abs(taken.at('a') - 35) <= 1);
      BOOST_TEST(std::abs(taken.at('b') - 10) <= 1);
      BOOST_TEST(std::abs(taken.at('c') - 5) <= 1);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_a_queue_does_not_use_goes_to_the_others_by_their_weights, Driver, Drivers) {
  Bench<Driver> bench;
  push_queues(bench, "bc", 100);
  push_queues(bench, "a", 4);
  const auto taken = claim_shared(bench, {"a", "b", "c"}, {100, 3, 1}, 1, 44);
  BOOST_TEST(taken.at('a') == 4);
  BOOST_TEST(std::abs(taken.at('b') - 30) <= 1);
  BOOST_TEST(std::abs(taken.at('c') - 10) <= 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(within_a_queue_of_some_weight_the_best_priority_runs_first, Driver, Drivers) {
  Bench<Driver> bench;
  push_queues(bench, "ab", 4);
  NewTask urgent = task("bx");
  urgent.queue = "b";
  urgent.priority = -1;
  bench.push(std::vector{urgent});
  TakeRequest request = bench.request(4, {"work"}, {"a", "b"});
  request.weights = {3, 1};
  BOOST_TEST(ids(must(bench.broker().take(request))) == (Ids{"a0", "a1", "bx", "a2"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_paused_queue_leaves_its_share_to_the_others, Driver, Drivers) {
  Bench<Driver> bench;
  push_queues(bench, "ab", 4);
  must(bench.directory().set_paused("a", true));
  TakeRequest request = bench.request(3, {"work"}, {"a", "b"});
  request.weights = {9, 1};
  BOOST_TEST(ids(must(bench.broker().take(request))) == (Ids{"b0", "b1", "b2"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
