// What every broker promises about batches whose tasks differ from each other, and about exchanges in two steps.

#include "bench.hpp"

namespace flowrra::test {
namespace {

constexpr int kTasks = 240;

const std::vector<std::string> kNames{"work", "a-name-that-is-longer-than-most-names-are", "other"};

// One of the kinds of tasks that a batch may hold, by its number.
NewTask task_of(int i) {
  const auto n = static_cast<std::size_t>(i);
  NewTask out = task("task-" + std::to_string(1000 + i), kNames[n % kNames.size()]);
  out.queue = i % 7 == 0 ? "side" : "default";
  out.args = "[" + std::to_string(i) + "]";
  out.priority = i % 5 == 0 ? -1 : 1;
  if (i % 4 == 0) out.tags = {"t" + std::to_string(i)};
  if (i % 11 == 0) out.kind = Kind::cpu;
  return out;
}

int number_of(const TaskId& id) { return std::stoi(id.substr(5)) - 1000; }

template <typename Driver>
std::vector<LeasedTask> take_all(Bench<Driver>& bench) {
  return bench.take(kTasks, kNames, {"default", "side"});
}

std::string result_of(int i) { return "{\"of\":" + std::to_string(i) + ",\"text\":\"" + std::string(40, 'x') + "\"}"; }

Settlement outcome_of(const LeasedTask& leased) {
  const int i = number_of(leased.task.id);
  Settlement out = to(i % 10 == 3 ? State::failed : i % 10 == 6 ? State::cancelled : State::success, leased);
  if (out.to == State::success) out.result = result_of(i);
  if (i % 9 == 0) out.resources = Resources{0.25, 4096};
  return out;
}

void check_ended(const TaskRecord& record) {
  const int i = number_of(record.id);
  BOOST_TEST_CONTEXT(record.id) {
    BOOST_TEST(record.name == task_of(i).name);
    BOOST_TEST(record.queue == task_of(i).queue);
    BOOST_TEST(record.args == task_of(i).args);
    BOOST_TEST((record.tags == task_of(i).tags));
    BOOST_TEST(record.priority == task_of(i).priority);
    BOOST_TEST((record.kind == task_of(i).kind));
    if (i % 10 == 3) {
      BOOST_TEST(record.state == State::failed);
    } else if (i % 10 == 6) {
      BOOST_TEST(record.state == State::cancelled);
    } else {
      BOOST_TEST(record.state == State::success);
      BOOST_TEST(record.result == result_of(i));
    }
    BOOST_TEST(record.resources.has_value() == (i % 9 == 0));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batch)

// Every third one runs twice, so that leases, lanes and ends of many kinds stand in one exchange.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_batch_of_all_kinds_goes_through_whole, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks;
  tasks.reserve(kTasks + 1);
  for (int i = 0; i < kTasks; ++i) tasks.push_back(task_of(i));
  tasks.push_back(tasks.front());
  const auto outcomes = bench.push(tasks);
  BOOST_TEST((std::count(outcomes.begin(), outcomes.end(), PushOutcome::accepted) == kTasks));
  BOOST_TEST((outcomes.back() == PushOutcome::exists));

  auto taken = take_all(bench);
  BOOST_REQUIRE_EQUAL(std::ssize(taken), kTasks);
  std::vector<Settlement> again;
  for (const LeasedTask& leased : taken) {
    if (number_of(leased.task.id) % 3 == 0) again.push_back(released(leased));
  }
  const auto handed_back = must(bench.broker().settle(again));
  BOOST_TEST((handed_back == std::vector<bool>(again.size(), true)));
  std::erase_if(taken, [](const LeasedTask& leased) { return number_of(leased.task.id) % 3 == 0; });
  for (LeasedTask& leased : take_all(bench)) taken.push_back(std::move(leased));
  BOOST_REQUIRE_EQUAL(std::ssize(taken), kTasks);

  std::vector<Settlement> ends;
  ends.reserve(taken.size() + 1);
  for (const LeasedTask& leased : taken) ends.push_back(outcome_of(leased));
  ends.push_back(ends.front());
  std::vector<bool> expected(ends.size(), true);
  expected.back() = false;
  BOOST_TEST((must(bench.broker().settle(ends)) == expected));
  for (int i = 0; i < kTasks; ++i) check_ended(bench.find("task-" + std::to_string(1000 + i)));
  BOOST_TEST(bench.count(State::running) == 0);
  BOOST_TEST(bench.count(State::success) == kTasks * 8 / 10);
  bench.check_is_whole();
}

// What a task said and how it ended may go in one exchange: what it said counts, and is not late.
BOOST_AUTO_TEST_CASE_TEMPLATE(what_a_task_says_is_heard_beside_its_end, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("kept"), task("elsewhere")});
  const auto taken = bench.take();
  BOOST_REQUIRE_EQUAL(taken.size(), 2);
  for (const bool keep : {true, false}) {
    const LeasedTask& leased = taken[keep ? 0 : 1];
    ExchangeRequest both;
    both.keep_results = keep;
    both.progress = {{leased.lease, R"({"done":1})", "{\"message\":\"a line\"}\n"}};
    both.settlements = {to(State::success, leased)};
    BOOST_TEST((must(bench.broker().exchange(both)).settled == std::vector<bool>{true}));
  }
  BOOST_TEST((must(bench.broker().stale_counts()) == StaleCounts{}));
  const TaskRecord kept = bench.find("kept");
  BOOST_TEST(kept.state == State::success);
  BOOST_TEST(kept.progress == R"({"done":1})");
  BOOST_TEST(kept.log == "{\"message\":\"a line\"}\n");
  // Another backend has the whole of it: nothing stays behind here.
  const TaskRecord buried = bench.find("elsewhere");
  BOOST_TEST(buried.state == State::success);
  BOOST_TEST(buried.log == "");
  BOOST_TEST(buried.progress == "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_exchange_begins_before_the_answer_of_the_one_before_is_read, Driver, Drivers) {
  Bench<Driver> bench;
  for (const char* id : {"a", "b", "c"}) bench.push(id);
  ExchangeRequest first;
  first.take = Bench<Driver>::request(1);
  bench.broker().begin_exchange(first);
  ExchangeRequest second;
  second.take = Bench<Driver>::request(2);
  const auto one = must(bench.broker().end_exchange({[&second] { return &second; }}));
  BOOST_TEST((ids(one.taken) == Ids{"a"}));
  ExchangeRequest third;
  third.settlements = {to(State::success, one.taken.front())};
  const auto two = must(bench.broker().end_exchange({[&third] { return &third; }}));
  BOOST_TEST((ids(two.taken) == Ids{"b", "c"}));
  BOOST_TEST((must(bench.broker().end_exchange({[] { return nullptr; }})).settled == std::vector<bool>{true}));
  BOOST_TEST(bench.state("a") == State::success);
}

// Nothing follows an exchange that failed: what stands in the next one may depend on it.
BOOST_AUTO_TEST_CASE_TEMPLATE(no_exchange_follows_one_that_failed, Driver, Drivers) {
  Bench<Driver> bench;
  ExchangeRequest of_nobody;
  of_nobody.take = Bench<Driver>::request(1, {"work"}, {"default"}, "nobody");
  bench.broker().begin_exchange(of_nobody);
  bool asked = false;
  BOOST_TEST(code_of(bench.broker().end_exchange({[&asked] {
               asked = true;
               return nullptr;
             }})) == Code::stale);
  BOOST_TEST(!asked);
  bench.push("a");
  BOOST_TEST((ids(bench.take()) == Ids{"a"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
