// When exchanges begin, and what is told of them.

#include "node/exchanges.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "store/memory/memory_store.hpp"
#include "support/must.hpp"
#include "wrapped_store.hpp"

using namespace flowrra;
using namespace flowrra::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 60s;

// The exchanges of a session with a store, on a loop that only runs when the test says so.
struct Bench {
  Bench() {
    Session session;
    session.id = "session";
    session.node = "node";
    must(submitter->directory().open_session(session, kPatience));
  }

  std::unique_ptr<Store> wrapped() {
    return std::make_unique<WrappedStore>(must(open_memory_store(options)),
                                          [this](Broker& broker, const ExchangeRequest& request) {
                                            auto answer = broker.exchange(request);
                                            if (answer) taken.set_value(answer->taken.size());
                                            std::exchange(after_exchange, [] {})();
                                            if (std::exchange(fails, false)) return unreachable();
                                            return answer;
                                          });
  }

  static Result<ExchangeAnswer> unreachable() { return Error{Code::unreachable, "nobody is there", {}}; }

  void push() {
    NewTask task;
    task.id = new_ulid(system_clock());
    task.name = "work";
    task.queue = "default";
    task.args = "[]";
    must(submitter->broker().push({&task, 1}, 10));
  }

  static Exchanges::Exchange claim() {
    Exchanges::Exchange out;
    out.request.take = TakeRequest{"session", "node", {"default"}, {{1, {"work"}}}};
    out.asked[Exchanges::kLoop] = 1;
    return out;
  }
  bool send(Exchanges::Exchange exchange) {
    return exchanges.add([&](Exchanges::Exchange& next, const Exchanges::Room&) {
      next = std::move(exchange);
      return true;
    });
  }
  bool send_claim() { return send(claim()); }

  // Runs the loop until so much was told.
  void await(std::size_t wanted) {
    while (told.size() < wanted) {
      stop_at = wanted;
      loop.run();
    }
  }
  void tell(std::string what) {
    told.push_back(std::move(what));
    if (told.size() >= stop_at) loop.stop();
  }

  StoreOptions options{.url = "memory://" + new_ulid(system_clock())};
  std::unique_ptr<Store> submitter = must(open_memory_store(options));
  std::promise<std::size_t> taken;               // by the first exchange
  std::function<void()> after_exchange = [] {};  // the first
  bool fails = false;                            // the first
  std::vector<std::string> told;
  std::size_t stop_at = 0;
  Loop loop;
  Courier courier{loop, wrapped()};
  Exchanges exchanges{system_clock(),
                      courier,
                      {.answered =
                           [this](const Result<ExchangeAnswer>& answer, const Exchanges::Exchange&) {
                             tell(answer ? "answered " + std::to_string(answer->taken.size()) : "failed");
                           },
                       .woken = [this] { tell("woken"); }}};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(exchanges)

BOOST_AUTO_TEST_CASE(what_stands_by_begins_when_the_broker_is_woken_whatever_the_loop_does) {
  Bench bench;
  BOOST_TEST(!bench.exchanges.under_way());
  bench.exchanges.stand_by(Bench::claim());
  bench.push();
  auto taken = bench.taken.get_future();
  BOOST_REQUIRE((taken.wait_for(kPatience) == std::future_status::ready));  // the loop has not run
  BOOST_TEST(taken.get() == 1U);
  BOOST_TEST(bench.exchanges.under_way());
  BOOST_TEST(bench.exchanges.under_way_since().has_value());
  bench.await(1);
  BOOST_TEST(bench.told == std::vector<std::string>{"answered 1"});
  BOOST_TEST(!bench.exchanges.under_way());
}

BOOST_AUTO_TEST_CASE(nothing_stands_by_after_stand_down_and_the_wake_up_is_told) {
  Bench bench;
  bench.exchanges.stand_by(Bench::claim());
  BOOST_TEST(bench.exchanges.stand_down());
  bench.push();
  bench.await(1);
  BOOST_TEST(bench.told == std::vector<std::string>{"woken"});
  BOOST_TEST(bench.send_claim());
  bench.await(2);
  BOOST_TEST(bench.told.back() == "answered 1");
}

BOOST_AUTO_TEST_CASE(stand_down_says_whether_what_stood_by_has_begun) {
  Bench bench;
  std::promise<void> looked;
  bench.after_exchange = [&] { looked.get_future().wait(); };
  bench.exchanges.stand_by(Bench::claim());
  bench.push();
  BOOST_TEST(bench.taken.get_future().get() == 1U);
  BOOST_TEST(!bench.exchanges.stand_down());
  looked.set_value();
  bench.await(1);
  BOOST_TEST(bench.exchanges.stand_down());
}

BOOST_AUTO_TEST_CASE(what_stands_by_outlasts_an_exchange_that_claims_nothing) {
  Bench bench;
  bench.exchanges.stand_by(Bench::claim());
  BOOST_TEST(bench.send({}));
  BOOST_TEST(bench.taken.get_future().get() == 0U);
  bench.taken = {};
  bench.push();
  BOOST_TEST(bench.taken.get_future().get() == 1U);  // the loop has not run
  bench.await(2);
  BOOST_TEST(bench.told == (std::vector<std::string>{"answered 0", "answered 1"}));
  BOOST_TEST(!bench.exchanges.under_way());
}

BOOST_AUTO_TEST_CASE(a_wake_up_during_an_exchange_begins_what_stands_by) {
  Bench bench;
  bench.exchanges.stand_by(Bench::claim());
  bench.after_exchange = [&] {
    bench.taken = {};
    bench.push();
  };
  BOOST_TEST(bench.send({}));
  bench.await(2);
  BOOST_TEST(bench.told == (std::vector<std::string>{"answered 0", "answered 1"}));
}

BOOST_AUTO_TEST_CASE(nothing_begins_behind_one_that_failed_before_the_loop_has_looked) {
  Bench bench;
  bench.exchanges.stand_by(Bench::claim());
  bench.fails = true;
  bench.after_exchange = [&] { bench.push(); };
  BOOST_TEST(bench.send({}));
  bench.await(2);
  BOOST_TEST(bench.told == (std::vector<std::string>{"woken", "failed"}));
}

BOOST_AUTO_TEST_CASE(what_the_loop_has_asked_for_goes_before_what_stands_by) {
  Bench bench;
  std::promise<void> asked;
  bench.after_exchange = [&] { asked.get_future().wait(); };
  bench.exchanges.stand_by(Bench::claim());
  BOOST_TEST(bench.send({}));
  BOOST_TEST(bench.taken.get_future().get() == 0U);
  bench.push();
  bench.courier.post([](Store&) { return true; }, [&](bool) { bench.tell("asked"); });
  asked.set_value();
  bench.await(3);
  BOOST_TEST(bench.told == (std::vector<std::string>{"woken", "answered 0", "asked"}));
}

BOOST_AUTO_TEST_CASE(a_claim_replaces_the_one_that_stands_by) {
  Bench bench;
  bench.exchanges.stand_by(Bench::claim());
  BOOST_TEST(bench.send_claim());
  bench.await(1);
  bench.push();
  bench.await(2);
  BOOST_TEST(bench.told == (std::vector<std::string>{"answered 0", "woken"}));
}

BOOST_AUTO_TEST_CASE(what_is_added_while_one_that_stood_by_is_under_way_follows_it) {
  Bench bench;
  std::promise<void> added;
  bench.after_exchange = [&] { added.get_future().wait(); };
  bench.exchanges.stand_by(Bench::claim());
  bench.push();
  BOOST_TEST(bench.taken.get_future().get() == 1U);
  bench.taken = {};
  BOOST_TEST(bench.exchanges.under_way());
  BOOST_TEST(bench.send_claim());
  added.set_value();
  bench.await(2);
  BOOST_TEST(bench.told == (std::vector<std::string>{"answered 1", "answered 0"}));
  BOOST_TEST(!bench.exchanges.under_way());
}

BOOST_AUTO_TEST_CASE(a_wake_up_during_an_exchange_is_told_before_its_answer) {
  Bench bench;
  bench.after_exchange = [&] { bench.push(); };
  BOOST_TEST(bench.send_claim());
  bench.await(2);
  BOOST_TEST(bench.told == (std::vector<std::string>{"woken", "answered 0"}));
}

BOOST_AUTO_TEST_SUITE_END()
