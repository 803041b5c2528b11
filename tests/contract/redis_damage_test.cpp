// What the Redis store makes of lines and indexes that somebody has damaged: tasks end as failed, nothing spins, and
// the counts stay true.
#ifdef FLOWRRA_WITH_REDIS

#include <sstream>

#include "redis_access.hpp"

namespace flowrra::test {
namespace {

class DamageBench : public RedisBench {
 public:
  void damage(const std::string& id, const std::string& what_is_left = "garbage\n[]") {
    cli({"HSET", "state", id, what_is_left});
  }
};

ExchangeRequest look() {
  ExchangeRequest out;
  out.take = Bench<Redis>::request(0);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_damage)

BOOST_AUTO_TEST_CASE(a_damaged_task_ends_as_failed_wherever_it_is) {
  DamageBench bench;
  NewTask delayed = task("delayed");
  delayed.delay = 1s;
  bench.push(std::vector{delayed, task("waits")});
  for (const char* id : {"delayed", "waits"}) bench.damage(id);
  bench.clock.advance(2s);
  BOOST_TEST(bench.take().empty());
  for (const char* id : {"delayed", "waits"}) {
    BOOST_TEST(bench.state(id) == State::failed);
    BOOST_TEST(bench.find(id).error.value().code == "undecodable");
    BOOST_TEST(bench.find(id).args == "[]");
  }
  BOOST_TEST(bench.count(State::failed) == 2);
  bench.check_is_whole();
  BOOST_TEST((must(bench.backend().remove(Ids{"delayed", "waits"})) == std::vector<bool>{true, true}));
  bench.check_is_whole();
}

// Its node knows its line.
BOOST_AUTO_TEST_CASE(a_running_task_whose_line_is_damaged_ends_as_it_ends) {
  DamageBench bench;
  bench.push("a");
  const LeasedTask leased = bench.take_one();
  bench.damage("a", "garbage");
  Settlement end = to(State::success, leased);
  end.result = "5";
  BOOST_TEST(bench.settle(end));
  BOOST_TEST(bench.state("a") == State::success);
  BOOST_TEST(bench.find("a").result == "5");
  BOOST_TEST(bench.find("a").args == "[]");
  bench.check_is_whole();
}

// What its session has of it.
BOOST_AUTO_TEST_CASE(a_damaged_lease_is_refused_and_its_task_failed) {
  for (const bool session_ends : {true, false}) {
    DamageBench bench;
    bench.push("a");
    const LeasedTask leased = bench.take_one();
    bench.cli({"HSET", "run:" + leased.lease.session, "a", "garbage"});
    BOOST_TEST(!bench.settle(to(State::success, leased)));
    if (session_ends) {
      bench.clock.advance(bench.kLease);
      must(bench.broker().recover());
    } else {
      ExchangeRequest holds_nothing = look();
      holds_nothing.take->holds = Ids();
      must(bench.broker().exchange(holds_nothing));
    }
    BOOST_TEST(bench.state("a") == State::failed);
    bench.check_is_whole();
  }
}

// A line that has its form, but says what no task can be, and one that has none: neither hides what waits behind it.
BOOST_AUTO_TEST_CASE(a_task_that_cannot_be_read_is_failed_and_the_next_is_looked_for) {
  for (const auto& [place, word] : std::vector<std::pair<int, std::string>>{
           {1, "99999999999"}, {7, "-3000000000"}, {7, "3000000000"}, {11, "9"}, {15, "99999999999"}, {0, "x"}}) {
    DamageBench bench;
    bench.push("bad");
    bench.push("good");
    std::istringstream stored(bench.cli({"HGET", "state", "bad"}));
    std::string line;
    std::getline(stored, line);
    std::istringstream words(line);
    std::string damaged;
    int at = 0;
    for (std::string each; words >> each; ++at) damaged += (at > 0 ? " " : "") + (at == place ? word : each);
    bench.damage("bad", damaged + "\n[]");
    const int wake = bench.broker().wake_fd();
    bench.broker().woken();
    BOOST_TEST_CONTEXT(damaged) {
      BOOST_TEST(bench.take(1).empty());
      BOOST_TEST(rings(wake));
      BOOST_TEST((ids(bench.take(1)) == Ids{"good"}));
      BOOST_TEST(bench.state("bad") == State::failed);
      BOOST_TEST(bench.find("bad").error.value().code == "undecodable");
      BOOST_TEST(bench.find("bad").name == "work");
      BOOST_TEST(bench.find("bad").args == "[]");
      BOOST_TEST(bench.count(State::failed) == 1);
      BOOST_TEST(bench.count(State::running) == 1);
      bench.check_is_whole();
      BOOST_TEST((must(bench.backend().remove(Ids{"bad"})) == std::vector<bool>{true}));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_dead_session_ran_is_failed_where_it_is_damaged) {
  DamageBench bench;
  bench.push("a");
  bench.take_one();
  bench.damage("a", "garbage\n[\"meet at 12:30 today\"]");
  bench.clock.advance(bench.kLease);
  must(bench.broker().recover());
  BOOST_TEST(bench.state("a") == State::failed);
  BOOST_TEST(bench.find("a").queue == "default");  // what is said in its arguments is no lane
  BOOST_TEST(bench.find("a").args == "[\"meet at 12:30 today\"]");
}

BOOST_AUTO_TEST_CASE(a_turn_that_a_later_one_overtook_changes_nothing) {
  RedisBench bench;
  bench.push("a");
  const LeasedTask leased = bench.take_one();
  bench.push("b");
  std::istringstream fields(bench.cli({"HKEYS", "session:node"}));
  for (std::string field; std::getline(fields, field);) {
    if (field.starts_with("turn:")) bench.cli({"HSET", "session:node", field, "1000"});
  }
  BOOST_TEST(code_of(bench.broker().take(bench.request(1))) == Code::unreachable);
  BOOST_TEST(code_of(bench.broker().settle({to(State::success, leased)})) == Code::unreachable);
  BOOST_TEST(bench.state("a") == State::running);
  BOOST_TEST(bench.state("b") == State::pending);
  bench.check_is_whole();
}

BOOST_AUTO_TEST_CASE(a_lost_order_of_arrival_goes_on_behind_the_last) {
  DamageBench bench;
  bench.push("a");
  bench.push("b");
  bench.cli({"DEL", "seq"});
  bench.push("c");
  BOOST_TEST((ids(bench.take()) == Ids{"a", "b", "c"}));
  bench.check_is_whole();
}

BOOST_AUTO_TEST_CASE(a_lost_order_of_arrival_goes_on_behind_the_last_that_is_gone) {
  DamageBench bench;
  for (const char* id : {"a", "b", "c", "d", "e"}) bench.push(id);
  must(bench.broker().cancel(Ids{"b", "c", "d", "e"}));
  must(bench.backend().remove(Ids{"b", "c", "d", "e"}));
  bench.cli({"DEL", "seq"});
  bench.push("f");
  BOOST_TEST((ids(bench.take()) == Ids{"a", "f"}));
  bench.check_is_whole();
}

// By a program that submits, and takes the first place for free.
BOOST_AUTO_TEST_CASE(an_order_of_arrival_that_was_begun_anew_refuses_one_submission_whole) {
  DamageBench bench;
  bench.push("a");
  bench.push("b");
  bench.cli({"SET", "seq", "1"});
  NewTask later = task("later");
  later.delay = 1s;
  const std::vector<NewTask> tasks{task("c"), later};
  BOOST_TEST(!bench.broker().push(tasks, 100).ok());
  BOOST_TEST(!must(bench.broker().find("c")).has_value());
  BOOST_TEST((bench.cli({"HGET", "waiting", "default"}) == "2"));
  bench.check_is_whole();
  bench.push(tasks);
  BOOST_TEST((ids(bench.take()) == Ids{"a", "b", "c"}));
  BOOST_TEST((bench.cli({"HGET", "waiting", "default"}) == "1"));
  bench.check_is_whole();
}

BOOST_AUTO_TEST_CASE(an_order_of_arrival_that_was_begun_anew_costs_no_kept_result) {
  DamageBench bench;
  bench.push("a");
  Settlement end = to(State::success, bench.take_one());
  BOOST_TEST(bench.settle(end));
  bench.push("b");
  TaskRecord later = bench.find("a");
  later.attempt = 2;
  later.result = "\"later\"";
  bench.cli({"SET", "seq", "0"});
  bench.cli({"INCRBY", "seq", "1"});
  BOOST_TEST(!bench.backend().store(std::vector{later}).ok());
  BOOST_TEST(bench.find("a").result == "\"done\"");
  bench.check_is_whole();
  must(bench.backend().store(std::vector{later}));
  BOOST_TEST(bench.find("a").result == "\"later\"");
  bench.check_is_whole();
}

BOOST_AUTO_TEST_CASE(an_index_that_leads_nowhere_is_mended) {
  DamageBench bench;
  bench.cli({"ZADD", "due", "1", "default:work"});
  bench.cli({"ZADD", "expiring", "1", "nothing"});
  bench.cli({"SADD", "lanes", "default:work"});
  const auto answer = must(bench.broker().exchange(look()));
  BOOST_TEST(!answer.next_due.has_value());
  BOOST_TEST(!answer.next_expiry.has_value());
  BOOST_TEST(bench.take().empty());
}

BOOST_AUTO_TEST_CASE(a_key_of_another_type_is_told_as_damage) {
  DamageBench bench;
  bench.cli({"SET", "state", "x"});
  BOOST_TEST(code_of(bench.broker().find("a")) == Code::corrupt);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
