// Two exchanges under way at once, as a broker over Redis has them.
#ifdef FLOWRRA_WITH_REDIS

#include <sys/eventfd.h>

#include "bench.hpp"
#include "support/proxy.hpp"

namespace flowrra::test {
namespace {

// A server behind a network with faults. One at a time.
struct FarRedis {
  static Proxy& network() {
    static Proxy proxy(RedisServer::shared().port());
    return proxy;
  }
  static std::string url(const TempDir&) { return network().url(RedisServer::shared().url()); }
};

// Two tasks that run, and the exchanges that end them, each with a line of a log.
class Ahead : public Bench<FarRedis> {
 public:
  Ahead() {
    push(std::vector{task("first"), task("second")});
    const auto taken = take();
    BOOST_REQUIRE_EQUAL(taken.size(), 2);
    for (std::size_t i = 0; i < 2; ++i) {
      Settlement end = to(State::failed, taken[i]);
      end.log = "{\"message\":\"a line\"}\n";
      ends[i].settlements = {end};
    }
    eventfd_write(ripe.get(), 1);
  }
  ~Ahead() { FarRedis::network().pass(); }

  // Begins the first, and the second before the first has been answered.
  void begin(const std::function<void()>& then) {
    broker().begin_exchange(ends[0]);
    answers.push_back(broker().end_exchange({[&] {
                                               asked = true;
                                               then();
                                               return &ends[1];
                                             },
                                             ripe.get()}));
    BOOST_REQUIRE(asked);
    answers.push_back(broker().end_exchange({[] { return nullptr; }}));
  }

  void check_is_done_once() {
    for (const char* id : {"first", "second"}) {
      BOOST_TEST(state(id) == State::failed);
      BOOST_TEST(find(id).log == "{\"message\":\"a line\"}\n");
    }
    BOOST_TEST((must(broker().stale_counts()) == StaleCounts{}));
  }

  ExchangeRequest ends[2];
  UniqueFd ripe{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::vector<Result<ExchangeAnswer>> answers;
  bool asked = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_ahead)

BOOST_AUTO_TEST_CASE(the_next_exchange_is_asked_for_while_the_server_is_busy) {
  Ahead bench;
  FarRedis::network().hold();  // the answer cannot come before the next has been asked for
  bench.begin([] { FarRedis::network().pass(); });
  for (const auto& answer : bench.answers) BOOST_TEST((must(answer).settled == std::vector<bool>{true}));
  bench.check_is_done_once();
}

BOOST_AUTO_TEST_CASE(there_may_be_no_next_one_yet) {
  Ahead bench;
  bench.broker().begin_exchange(bench.ends[0]);
  int asked = 0;
  const auto nothing = [&]() -> const ExchangeRequest* {
    ++asked;
    return nullptr;
  };
  BOOST_TEST((must(bench.broker().end_exchange({nothing, bench.ripe.get()})).settled == std::vector<bool>{true}));
  BOOST_TEST(asked == 1);
  BOOST_TEST((must(bench.broker().exchange(bench.ends[1])).settled == std::vector<bool>{true}));
  bench.check_is_done_once();
}

// Whether the server has seen none of them, the first, or both: told again, each counts once.
BOOST_AUTO_TEST_CASE(two_exchanges_whose_answers_are_lost_are_told_again_and_count_once) {
  const std::pair<const char*, std::function<void()>> losses[] = {
      {"nothing arrived", [] { FarRedis::network().cut(); }},
      {"no answer came back", [] { FarRedis::network().cut_answer(0); }},
      {"half an answer came back", [] { FarRedis::network().cut_answer(40); }},
  };
  for (const auto& [what, lose] : losses) {
    BOOST_TEST_CONTEXT(what) {
      Ahead bench;
      FarRedis::network().hold();
      bench.begin(lose);
      FarRedis::network().pass();
      BOOST_TEST(code_of(bench.answers[0]) == Code::unreachable);
      BOOST_TEST(code_of(bench.answers[1]) == Code::unreachable);
      ExchangeRequest again = bench.ends[0];
      again.settlements.push_back(bench.ends[1].settlements.front());
      BOOST_TEST((must(bench.broker().exchange(again)).settled == std::vector<bool>{true, true}));
      bench.check_is_done_once();
    }
  }
}

// Where what was lost is not told again at once, but other turns come between.
BOOST_AUTO_TEST_CASE(what_was_lost_before_it_arrived_counts_though_later_turns_have_happened) {
  Ahead bench;
  FarRedis::network().hold();
  bench.begin([] { FarRedis::network().cut(); });
  FarRedis::network().pass();
  BOOST_TEST(bench.take().empty());
  ExchangeRequest again = bench.ends[0];
  again.settlements.push_back(bench.ends[1].settlements.front());
  BOOST_TEST((must(bench.broker().exchange(again)).settled == std::vector<bool>{true, true}));
  bench.check_is_done_once();
}

// The first is to be told again then; it has not happened.
BOOST_AUTO_TEST_CASE(a_server_that_has_forgotten_its_scripts_refuses_the_first_of_two) {
  Ahead bench;
  FarRedis::network().hold();
  bench.begin([] {
    RedisServer::shared().cli({"SCRIPT", "FLUSH"});
    FarRedis::network().pass();
  });
  BOOST_TEST(code_of(bench.answers[0]) == Code::busy);
  BOOST_TEST((must(bench.answers[1]).settled == std::vector<bool>{true}));
  BOOST_TEST((must(bench.broker().exchange(bench.ends[0])).settled == std::vector<bool>{true}));
  bench.check_is_done_once();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
