// Every store does what the one in memory does: the same steps, chosen at random, give the same answers.

#include <algorithm>
#include <random>

#include "bench.hpp"

namespace flowrra::test {
namespace {

const std::vector<std::string> kNames{"work", "other"};
const std::vector<std::string> kQueues{"default", "side"};

// One store, as told by numbers that another is told, too. What it answers is a text.
template <typename Driver>
class Subject : public Bench<Driver> {
 public:
  // Tasks that came together stand together in some stores: a batch is runs of tasks that are alike.
  std::string push_some(std::mt19937 random, int first) {
    std::vector<NewTask> tasks;
    for (int runs = 1 + number(random, 3); runs > 0; --runs) {
      NewTask run = task("", kNames[number(random, 4) / 3]);
      run.queue = kQueues[number(random, 4) / 3];
      run.priority = number(random, 3) == 0 ? number(random, 3) - 1 : 0;
      if (number(random, 6) == 0) run.delay = Micros(1s) * number(random, 4);
      if (number(random, 6) == 0) run.expires = Micros(1s) * (1 + number(random, 4));
      for (int size = 1 + number(random, 80); size > 0; --size) {
        tasks.push_back(run);
        tasks.back().id = id_of(first++);
      }
    }
    std::string out;
    for (const PushOutcome each : this->push(tasks)) out += std::to_string(static_cast<int>(each));
    return out;
  }

  std::string take_some(std::mt19937 random) {
    const auto both = [&](const std::vector<std::string>& of) {
      return number(random, 3) > 0 ? of : std::vector{of[number(random, 2)]};
    };
    const auto names = both(kNames);
    auto queues = both(kQueues);
    TakeRequest request = this->request(1 + number(random, 90), names, std::move(queues));
    if (number(random, 3) == 0) request.weights.assign(request.queues.size(), 2);
    const auto taken = must(this->broker().take(request));
    running_.insert(running_.end(), taken.begin(), taken.end());
    return text_of(ids(taken));
  }

  // Some of those that run end, or wait again. The take that takes nothing has all stores look at once at what is due.
  std::string settle_some(std::mt19937 random) {
    ExchangeRequest turn;
    turn.take = this->request(0);
    std::erase_if(running_, [&](const LeasedTask& leased) {
      switch (number(random, 6)) {
        case 0:
          turn.settlements.push_back(to(State::failed, leased));
          break;
        case 1:
          turn.settlements.push_back(released(leased));
          break;
        case 2:
          turn.settlements.push_back(retry_after(Micros(1s) * number(random, 2), leased));
          break;
        case 3:
          turn.settlements.push_back(to(State::success, leased));
          break;
        default:
          return false;
      }
      return true;
    });
    std::string out;
    for (const bool done : must(this->broker().exchange(turn)).settled) out += done ? '1' : '0';
    return out;
  }

  // One task as most are, at once; now and then one that is known already, or with something of its own.
  std::string push_one(std::mt19937 random, int known, bool plain) {
    constexpr std::int64_t kBound = 12;
    NewTask one =
        task(id_of(number(random, 5) == 0 ? number(random, known + 1) : known), kNames[number(random, 6) / 5]);
    one.queue = kQueues[number(random, 6) / 5];
    one.priority = number(random, 6) == 0 ? -1 : 0;
    if (number(random, 5) == 0) one.tags = {"tag"};
    if (!plain && number(random, 10) == 0) one.delay = Micros(1s);
    if (!plain && number(random, 10) == 0) one.expires = Micros(1s);
    return std::to_string(static_cast<int>(this->push(std::vector{one}, kBound).front()));
  }

  // Of each name so many, perhaps none.
  std::string take_by_name(std::mt19937 random) {
    TakeRequest request = this->request(number(random, 4), {kNames[0]}, kQueues);
    request.wants.push_back({number(random, 3), {kNames[1]}});
    const auto taken = must(this->broker().take(request));
    running_.insert(running_.end(), taken.begin(), taken.end());
    std::string out;
    for (const LeasedTask& each : taken) {
      out += each.task.id + ' ' + std::to_string(each.task.attempt) + ' ' + std::to_string(each.task.tags.size()) + ' ';
    }
    return out;
  }

  // The end of one, told alone, which may leave what is due to the next turn.
  std::string settle_one(std::mt19937 random) {
    if (running_.empty()) return "";
    const auto one = running_.begin() + number(random, static_cast<int>(running_.size()));
    Settlement end = number(random, 5) > 0 ? to(State::success, *one) : released(*one);
    if (number(random, 8) == 0) ++end.lease.counter;
    const bool settled = this->settle(end);
    this->take(0);
    if (settled) running_.erase(one);
    return settled ? "1" : "0";
  }

  std::string pause_or_not(std::mt19937 random) {
    must(this->directory().set_paused(kQueues[number(random, 2)], number(random, 2) == 0));
    return "";
  }

  std::string cancel_some(std::mt19937 random, int known) {
    Ids some;
    const int step = 1 + number(random, 3);
    for (int at = number(random, known), size = 1 + number(random, 50); size > 0; --size, at += step) {
      some.push_back(id_of(at % known));
    }
    std::string out;
    for (const CancelOutcome each : must(this->broker().cancel(some))) out += std::to_string(static_cast<int>(each));
    return out;
  }

  std::string replay_some(std::mt19937 random, int known) {
    std::vector<TaskRecord> some;
    for (int at = number(random, known), size = 1 + number(random, 50); size > 0; --size) {
      some.push_back(this->find_or_empty(id_of(at++ % known)));
    }
    std::string out;
    for (const ReplayOutcome each : must(this->broker().replay(some))) out += std::to_string(static_cast<int>(each));
    return out;
  }

  TaskRecord find_or_empty(const TaskId& id) {
    const auto found = must(this->broker().find(id));
    return found ? *found : TaskRecord{};
  }

  std::string purge_one(std::mt19937 random) {
    return std::to_string(must(this->broker().purge(kQueues[number(random, 2)])));
  }

  std::string later(std::mt19937 random) {
    this->clock.advance(Micros(100'000) * number(random, 10));
    must(this->directory().heartbeat("node", this->kLease));
    return "";
  }

  std::string where_it_waits(std::mt19937 random, int known) {
    const TaskId id = id_of(number(random, known));
    return std::to_string(must(this->broker().ahead_of(id, kNames)));
  }

  // Each task, those that are pending as they are listed, and the counts.
  Ids all() {
    ListQuery query;
    query.limit = 1'000'000;
    query.order = ListQuery::Order::oldest;
    Ids out;
    for (const TaskRecord& record : must(this->broker().list(query))) {
      out.push_back(record.id + ' ' + std::string(name(record.state)) + ' ' + std::to_string(record.attempt) + ' ' +
                    record.args + ' ' + record.result + ' ' + (record.error ? record.error->code : ""));
    }
    query.states = {State::pending};
    for (const TaskRecord& record : must(this->broker().list(query))) out.push_back(record.id);
    for (const State state : kStates) {
      out.push_back(std::string(name(state)) + ' ' + std::to_string(this->count(state)));
    }
    return out;
  }

  static int number(std::mt19937& random, int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  }

 private:
  static TaskId id_of(int number) { return "task-" + std::to_string(number); }
  static std::string text_of(const Ids& all) {
    std::string out;
    for (const auto& each : all) out += each + ' ';
    return out;
  }

  std::vector<LeasedTask> running_;
};

enum class Step {
  push_some,
  push_one,
  push_plain,
  take_some,
  take_by_name,
  settle_some,
  settle_one,
  cancel,
  replay,
  later,
  place,
  pause,
  purge
};

template <typename Driver>
std::string perform(Subject<Driver>& store, Step step, const std::mt19937& random, int known) {
  switch (step) {
    case Step::push_some:
      return store.push_some(random, known);
    case Step::push_one:
    case Step::push_plain:
      return store.push_one(random, known, step == Step::push_plain);
    case Step::take_some:
      return store.take_some(random);
    case Step::take_by_name:
      return store.take_by_name(random);
    case Step::settle_some:
      return store.settle_some(random);
    case Step::settle_one:
      return store.settle_one(random);
    case Step::cancel:
      return store.cancel_some(random, known + 1);
    case Step::replay:
      return store.replay_some(random, known + 1);
    case Step::later:
      return store.later(random);
    case Step::place:
      return store.where_it_waits(random, known + 1);
    case Step::pause:
      return store.pause_or_not(random);
    case Step::purge:
      return store.purge_one(random);
  }
  return "";
}

bool pushes(Step step) { return step == Step::push_some || step == Step::push_one || step == Step::push_plain; }

using Steps = std::vector<Step>;  // one that stands there twice is taken twice as often

void require_same(const Ids& found, const Ids& expected) {
  BOOST_REQUIRE_EQUAL(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) BOOST_REQUIRE_EQUAL(found[i], expected[i]);
}

// Takes so many of the steps at both, now and then a purge, and leaves what waits then.
template <typename Driver>
void agree(const Steps& steps, int count, unsigned seed) {
  Subject<Memory> model;
  Subject<Driver> store;
  std::mt19937 random(seed);
  int known = 0;
  for (int i = 0; i < count; ++i) {
    const auto nth = static_cast<std::size_t>(Subject<Driver>::number(random, static_cast<int>(steps.size())));
    const Step step = i % 50 == 49 ? Step::purge : steps[nth];
    const std::mt19937 choices(static_cast<unsigned>(random()));
    BOOST_TEST_CONTEXT("seed " << seed << ", step " << i << " of kind " << static_cast<int>(step)) {
      const std::string expected = perform(model, step, choices, known);
      BOOST_REQUIRE_EQUAL(perform(store, step, choices, known), expected);
      if (pushes(step)) known += static_cast<int>(expected.size());  // a digit for each task
      if (i % 10 == 9) require_same(store.all(), model.all());
    }
  }
  for (const std::string& queue : kQueues) {
    must(model.directory().set_paused(queue, false));
    must(store.directory().set_paused(queue, false));
  }
  // Nothing else waits.
  const auto left = [](auto& of) { return ids(of.take(1'000'000, kNames, kQueues)); };
  require_same(left(store), left(model));
  require_same(store.all(), model.all());
  store.check_is_whole();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(agreement)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_store_answers_as_the_one_in_memory, Driver, Drivers) {
  using enum Step;
  const Steps steps{push_some,   push_some, take_some, take_some, take_some, settle_some,
                    settle_some, cancel,    replay,    later,     place};
  for (unsigned seed = 1; seed <= 6; ++seed) agree<Driver>(steps, 150, seed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(so_does_one_that_has_little_to_do, Driver, Drivers) {
  using enum Step;
  const Steps steps{push_one,   push_one,   push_one, take_some, take_some, take_some, settle_one,
                    settle_one, settle_one, cancel,   replay,    later,     pause};
  for (unsigned seed = 1; seed <= 3; ++seed) agree<Driver>(steps, 300, seed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(so_does_one_whose_tasks_are_plain, Driver, Drivers) {
  using enum Step;
  const Steps steps{push_plain, push_plain, push_plain, take_by_name, take_by_name, take_by_name, take_by_name,
                    settle_one, settle_one, settle_one, cancel,       replay,       later};
  for (unsigned seed = 1; seed <= 3; ++seed) agree<Driver>(steps, 300, seed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
