#include "app/stats.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace flowrra;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const WallTime kNow = wall_from_micros(1'800'000'000'000'000);

FinishedTask ended(const std::string& name, Micros ago, Micros run, Micros wait = 0s, State state = State::success) {
  FinishedTask task;
  task.name = name;
  task.state = state;
  task.attempt = 1;
  task.finished_at = kNow - ago;
  task.started_at = *task.finished_at - run;
  task.submitted_at = *task.started_at - wait;
  return task;
}

std::int64_t at(const StateCounts& counts, State state) { return counts[static_cast<std::size_t>(state)]; }

StatsInput input() {
  StatsInput in;
  in.now = kNow;
  return in;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_spread_is_by_nearest_rank) {
  std::vector<Micros> durations;
  for (int i = 100; i >= 1; --i) durations.push_back(Micros(i));
  const Spread many = spread_of(durations);
  BOOST_TEST(many.count == 100);
  BOOST_TEST(many.p50.count() == 50);
  BOOST_TEST(many.p95.count() == 95);
  BOOST_TEST(many.max.count() == 100);
  BOOST_TEST(many.mean.count() == 50);
  const Spread one = spread_of({Micros(7)});
  BOOST_TEST(one.p50.count() == 7);
  BOOST_TEST(one.p95.count() == 7);
  const Spread two = spread_of({Micros(9), Micros(1)});
  BOOST_TEST(two.p50.count() == 1);
  BOOST_TEST(two.p95.count() == 9);
  BOOST_TEST(spread_of({}).count == 0);
}

BOOST_AUTO_TEST_CASE(counts_are_summed_by_task_and_by_queue) {
  StatsInput in = input();
  in.counts = {{"a", "mail", State::pending, 3},
               {"b", "mail", State::pending, 4},
               {"b", "page", State::failed, 5},
               {"b", "gone", State::success, 0}};
  in.oldest_pending["b"] = kNow - 90s;
  const Stats stats = make_stats(in);
  BOOST_TEST(at(stats.totals, State::pending) == 7);
  BOOST_TEST(stats.tasks.size() == 2U);
  BOOST_TEST(stats.tasks[0].task == "mail");
  BOOST_TEST(at(stats.tasks[0].counts, State::pending) == 7);
  BOOST_TEST(at(stats.tasks[1].counts, State::failed) == 5);
  BOOST_TEST(stats.queues[1].queue == "b");
  BOOST_TEST(at(stats.queues[1].counts, State::pending) == 4);
  BOOST_TEST((stats.queues[1].oldest_pending == Micros(90s)));
  BOOST_TEST(!stats.queues[0].oldest_pending.has_value());
}

BOOST_AUTO_TEST_CASE(times_and_failures_are_those_of_the_sample) {
  StatsInput in = input();
  in.finished = {ended("mail", 1s, 10ms, 2s), ended("mail", 2s, 30ms, 4s), ended("mail", 3s, 20ms, 6s, State::failed)};
  FinishedTask again = ended("mail", 4s, 40ms, 1h);
  again.attempt = 2;
  in.finished.push_back(again);
  FinishedTask never = ended("mail", 5s, 0s);
  never.state = State::cancelled;
  never.started_at.reset();
  in.finished.push_back(never);
  const TaskStats mail = make_stats(in).tasks.at(0);
  BOOST_TEST(mail.sampled == 5);
  BOOST_TEST(mail.failed == 1);
  BOOST_TEST(mail.wait.count == 3);
  BOOST_TEST((mail.wait.max == Micros(6s)));
  BOOST_TEST(mail.run.count == 4);
  BOOST_TEST((mail.run.p50 == Micros(20ms)));
  BOOST_TEST((mail.run.mean == Micros(25ms)));
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_gives_no_negative_times) {
  StatsInput in = input();
  in.finished = {ended("mail", -5s, -3s, -2s)};
  in.oldest_pending["a"] = kNow + 1s;
  in.counts = {{"a", "mail", State::pending, 1}};
  const Stats stats = make_stats(in);
  BOOST_TEST(stats.tasks[0].run.max.count() == 0);
  BOOST_TEST(stats.tasks[0].wait.max.count() == 0);
  BOOST_TEST((stats.queues[0].oldest_pending == Micros(0)));
}

BOOST_AUTO_TEST_CASE(throughput_counts_the_last_minute_or_what_the_sample_reaches) {
  StatsInput in = input();
  for (int i = 1; i <= 120; ++i) in.finished.push_back(ended("mail", i * 1s, 1ms));
  Stats stats = make_stats(in);
  BOOST_TEST(stats.finished == 60);
  BOOST_TEST((stats.window == Micros(60s)));
  BOOST_TEST(stats.per_second() == 1.0);

  in.finished.resize(10);
  BOOST_TEST(make_stats(in).per_second() == 10.0 / 60);
  in.more_finished = true;
  stats = make_stats(in);
  BOOST_TEST((stats.window == Micros(10s)));
  BOOST_TEST(stats.per_second() == 1.0);
  BOOST_TEST(make_stats(input()).per_second() == 0.0);
}

BOOST_AUTO_TEST_CASE(the_keys_of_the_json_are_stable) {
  StatsInput in = input();
  in.counts = {{"a", "mail", State::pending, 1}};
  in.finished = {ended("mail", 1s, 250ms, 2s)};
  in.oldest_pending["a"] = kNow - 1500ms;
  const json stats = json::parse(stats_json(make_stats(in)));
  BOOST_TEST(stats["totals"]["pending"] == 1);
  BOOST_TEST(stats["throughput"]["finished"] == 1);
  BOOST_TEST(stats["throughput"]["seconds"] == 60.0);
  BOOST_TEST(stats["sampled"] == 1);
  BOOST_TEST(stats["tasks"][0]["task"] == "mail");
  BOOST_TEST(stats["tasks"][0]["pending"] == 1);
  BOOST_TEST(stats["tasks"][0]["failed_sampled"] == 0);
  BOOST_TEST(stats["tasks"][0]["run"]["p95"] == 0.25);
  BOOST_TEST(stats["tasks"][0]["wait"]["mean"] == 2.0);
  BOOST_TEST(stats["queues"][0]["queue"] == "a");
  BOOST_TEST(stats["queues"][0]["oldest_pending"] == 1.5);
  BOOST_TEST(json::parse(stats_json(make_stats(input())))["tasks"].empty());
}
