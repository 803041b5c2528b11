// Semaphores: who waits, in which order, and that no permit is lost.

#include "flowrra/async.hpp"
#include "sdk/story.hpp"

BOOST_AUTO_TEST_SUITE(semaphores)

namespace {

using flowrra::Co;
using flowrra::IoContext;
using flowrra::test::Bench;
using flowrra::test::Clean;
using flowrra::test::start;
using flowrra::test::story;
using namespace std::chrono_literals;

}  // namespace

BOOST_AUTO_TEST_CASE(a_semaphore_lets_so_many_through_in_the_order_of_their_coming) {
  const Clean clean;
  Bench bench;
  static flowrra::Semaphore two(2);
  const auto one = [](IoContext& ctx, int ms) -> Co<> {
    const auto permit = co_await two.acquire();
    story.push_back("+" + std::to_string(ms));
    co_await ctx.sleep(std::chrono::milliseconds(ms));
    story.push_back("-" + std::to_string(ms));
  };
  bench.plugin.io("one", one);
  story.clear();
  std::vector<flowrra_call*> calls;
  for (const int ms : {30, 10, 50, 5}) calls.push_back(&bench.start("[" + std::to_string(ms) + "]"));
  BOOST_TEST(two.available() == 0U);
  bench.host.advance(100);
  for (const flowrra_call* call : calls) BOOST_TEST(call->succeeded);
  BOOST_TEST((story == std::vector<std::string>{"+30", "+10", "-10", "+50", "-30", "+5", "-5", "-50"}));
  BOOST_TEST(two.available() == 2U);
}

BOOST_AUTO_TEST_CASE(who_is_cancelled_while_it_waits_for_a_permit_leaves_the_queue) {
  const Clean clean;
  Bench bench;
  static flowrra::Semaphore one(1);
  bench.plugin.io("one", [](IoContext& ctx) -> Co<> {
    const auto permit = co_await one.acquire();
    co_await ctx.sleep(10ms);
  });
  const flowrra_call& first = bench.start("");
  flowrra_call& second = bench.start("");
  const flowrra_call& third = bench.start("");
  bench.host.cancel(second);
  BOOST_TEST(Bench::outcome(second) == "cancelled: cancelled");
  bench.host.advance(20);
  BOOST_TEST(first.succeeded);
  BOOST_TEST(third.succeeded);
  BOOST_TEST(one.available() == 1U);
}

BOOST_AUTO_TEST_CASE(a_permit_given_to_a_task_that_is_then_cancelled_is_given_back) {
  const Clean clean;
  Bench bench;
  static flowrra::Semaphore one(1);
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<std::string> {
    auto mine = co_await one.acquire();
    const auto want = [](IoContext& context) -> Co<> {
      const auto permit = co_await one.acquire();
      co_await context.sleep(1s);
    };
    const auto release = [](IoContext& context, flowrra::Semaphore::Permit permit) -> Co<> {
      co_await context.sleep(10ms);
      permit.release();
      throw std::runtime_error("released");
    };
    co_await flowrra::all(want(ctx), release(ctx, std::move(mine)));
    co_return "";
  });
  bench.host.advance(10);
  BOOST_TEST(Bench::outcome(call) == "retry: released");
  BOOST_TEST(one.available() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
