// Coroutines as io tasks: waiting, work on threads, cancellation, exceptions, and that nothing is left behind.

#include <set>

#include "flowrra/async.hpp"
#include "sdk/support.hpp"

BOOST_AUTO_TEST_SUITE(coroutines)

namespace {

using flowrra::Co;
using flowrra::Completion;
using flowrra::IoContext;
using flowrra::test::Bench;
using flowrra::test::Guard;
using namespace std::chrono_literals;

Co<int> doubled(IoContext& ctx, int value) {
  const Guard guard;
  co_await ctx.sleep(10ms);
  co_return value * 2;
}
Co<int> immediate(int value) { co_return value; }
Co<void> failing(IoContext& ctx) {
  const Guard guard;
  co_await ctx.sleep(10ms);
  throw flowrra::RetryAfter{7s, "inner"};
}

Completion<int>* waiting = nullptr;  // what `outside` awaits
Co<int> outside(IoContext& ctx) {
  const Guard guard;
  Completion<int> ended(ctx);
  waiting = &ended;
  co_return co_await ended;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_coroutine_sleeps_and_goes_on) {
  Bench bench;
  const flowrra_call& call = bench.start_io(doubled, "[4]");
  BOOST_TEST(call.ended == 0);
  BOOST_TEST(Guard::alive == 1);
  bench.host.advance(9);
  BOOST_TEST(call.ended == 0);
  bench.host.advance(1);
  BOOST_TEST(Bench::outcome(call) == "8");
  BOOST_TEST(Guard::alive == 0);
}

BOOST_AUTO_TEST_CASE(a_sleep_is_rounded_up_and_never_negative) {
  Bench bench;
  const flowrra_call& call = bench.start_io([](IoContext& ctx) -> Co<> {
    co_await ctx.sleep(1us);
    co_await ctx.sleep(-5s);
    co_await ctx.sleep(1.5s);
  });
  bench.host.advance(1500);
  BOOST_TEST(call.ended == 0);
  bench.host.advance(1);
  BOOST_TEST(call.succeeded);
}

BOOST_AUTO_TEST_CASE(many_coroutines_wait_at_once_and_end_in_their_own_time) {
  Bench bench;
  bench.plugin.io("t", [](IoContext& ctx, int ms) -> Co<int> {
    co_await ctx.sleep(std::chrono::milliseconds(ms));
    co_return ms;
  });
  std::vector<flowrra_call*> calls;
  for (int ms = 1; ms <= 100; ++ms) calls.push_back(&bench.start("[" + std::to_string(ms) + "]"));
  bench.host.advance(50);
  BOOST_TEST(bench.host.waiting() == 50U);
  bench.host.advance(50);
  for (const flowrra_call* call : calls) BOOST_TEST(call->succeeded);
}

BOOST_AUTO_TEST_CASE(coroutines_await_coroutines) {
  Bench bench;
  const flowrra_call& call = bench.start_io(
      [](IoContext& ctx, int value) -> Co<int> {
        const int once = co_await doubled(ctx, value);
        auto later = doubled(ctx, once);
        const int twice = co_await std::move(later);
        co_return twice + co_await immediate(1);
      },
      "[3]");
  bench.host.advance(20);
  BOOST_TEST(Bench::outcome(call) == "13");
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_is_never_awaited_never_begins_and_leaves_nothing) {
  Bench bench;
  const flowrra_call& call = bench.start_io([](IoContext& ctx) -> Co<> {
    const auto unused = doubled(ctx, 1);
    co_return;
  });
  BOOST_TEST(call.succeeded);
  BOOST_TEST(Guard::alive == 0);
}

BOOST_AUTO_TEST_CASE(blocking_work_runs_on_another_thread_and_gives_its_result) {
  Bench bench;
  const flowrra_call& call = bench.start_io([](IoContext& ctx) -> Co<std::string> {
    const auto mine = std::this_thread::get_id();
    const auto other = co_await ctx.blocking([] { return std::this_thread::get_id(); });
    co_await ctx.blocking([](flowrra::BlockingContext& context) { context.info("from the pool"); });
    auto copy = [p = std::make_unique<int>(5)] { return std::make_unique<int>(*p); };
    const auto moved = co_await ctx.blocking(copy);
    co_return mine != other&&* moved == 5 ? "other" : "same";
  });
  BOOST_TEST(call.ended == 0);
  bench.host.work();
  BOOST_TEST(Bench::outcome(call) == "\"other\"");
  BOOST_TEST(call.log.at(0) == "1 from the pool");
}

BOOST_AUTO_TEST_CASE(exceptions_of_blocking_work_reach_the_coroutine) {
  Bench bench;
  const flowrra_call& call = bench.start_io([](IoContext& ctx) -> Co<std::string> {
    try {
      co_await ctx.blocking([]() -> int { throw std::out_of_range("far"); });
    } catch (const std::out_of_range& e) {
      co_return e.what();
    }
    co_return "";
  });
  bench.host.work();
  BOOST_TEST(Bench::outcome(call) == "\"far\"");
}

BOOST_AUTO_TEST_CASE(exceptions_of_an_awaited_coroutine_end_the_task) {
  Bench bench;
  const flowrra_call& call = bench.start_io([](IoContext& ctx) -> Co<int> {
    const Guard guard;
    co_await failing(ctx);
    co_return 1;
  });
  bench.host.advance(10);
  BOOST_TEST(Bench::outcome(call) == "retry: inner");
  BOOST_TEST(call.retry_after == 7000);
  BOOST_TEST(Guard::alive == 0);
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_throws_before_it_waits_fails_at_once) {
  Bench bench;
  BOOST_TEST(Bench::outcome(bench.start_io(
                 [](int value) -> Co<int> {
                   if (value > 0) throw flowrra::Permanent("at once");
                   co_return value;
                 },
                 "[1]")) == "permanent: at once");
  BOOST_TEST(Bench::outcome(bench.start("[\"x\"]")).starts_with("permanent: arg1: "));
}

BOOST_AUTO_TEST_CASE(cancelling_ends_a_sleep_and_destroys_everything_on_the_way) {
  Bench bench;
  flowrra_call& call = bench.start_io(
      [](IoContext& ctx, int value) -> Co<int> {
        const Guard guard;
        co_return co_await doubled(ctx, value);
      },
      "[1]");
  BOOST_TEST(Guard::alive == 2);
  bench.host.cancel(call);
  BOOST_TEST(Bench::outcome(call) == "cancelled: cancelled");
  BOOST_TEST(Guard::alive == 0);
  BOOST_TEST(bench.host.waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_cannot_wait_again) {
  Bench bench;
  flowrra_call& call = bench.start_io([](IoContext& ctx) -> Co<int> {
    for (int caught = 0;; ++caught) {
      try {
        if (caught == 3) co_return caught;
        if (caught == 0) co_await ctx.sleep(1s);
        if (caught == 1) co_await ctx.blocking([] {});
        if (caught == 2) co_await Completion<>(ctx);
      } catch (const flowrra::Cancelled&) {
        continue;
      }
      co_return -1;
    }
  });
  bench.host.cancel(call);
  BOOST_TEST(Bench::outcome(call) == "3");
}

BOOST_AUTO_TEST_CASE(work_that_has_begun_is_waited_for_and_its_result_kept) {
  Bench bench;
  flowrra_call& call =
      bench.start_io([](IoContext& ctx) -> Co<int> { co_return co_await ctx.blocking([] { return 5; }); });
  bench.host.work_with([&] { bench.host.cancel(call); });
  BOOST_TEST(Bench::outcome(call) == "5");
}

BOOST_AUTO_TEST_CASE(work_that_waits_for_a_thread_is_not_begun_after_a_cancel) {
  static bool begun = false;
  Bench bench;
  flowrra_call& call = bench.start_io([](IoContext& ctx) -> Co<> { co_await ctx.blocking([] { begun = true; }); });
  bench.host.cancel(call);
  BOOST_TEST(Bench::outcome(call) == "cancelled: cancelled");
  BOOST_TEST(!begun);
}

BOOST_AUTO_TEST_CASE(a_callback_completes_what_a_coroutine_awaits_and_is_marked) {
  Bench bench;
  static const flowrra_call* marked = nullptr;
  flowrra_call& call = bench.start_io([](IoContext& ctx) -> Co<int> {
    const int value = co_await outside(ctx);
    marked = static_cast<flowrra::test::FakeHost*>(ctx.call()->host)->marks().back();
    co_return value + 1;
  });
  BOOST_TEST(call.ended == 0);
  waiting->complete(41);
  BOOST_TEST(Bench::outcome(call) == "42");
  BOOST_TEST(marked == &call);
  BOOST_TEST((call.on_cancel == nullptr));
}

BOOST_AUTO_TEST_CASE(a_completion_can_fail_and_can_come_first) {
  Bench bench;
  flowrra_call& failed = bench.start_io(outside);
  waiting->fail(std::make_exception_ptr(flowrra::Permanent("refused")));
  BOOST_TEST(Bench::outcome(failed) == "permanent: refused");
  const flowrra_call& early = bench.start_io([](IoContext& ctx) -> Co<int> {
    Completion<int> ended(ctx);
    ended.complete(1);
    ended.complete(2);
    co_return co_await ended;
  });
  BOOST_TEST(Bench::outcome(early) == "1");
}

BOOST_AUTO_TEST_CASE(cancelling_ends_the_await_of_a_completion) {
  Bench bench;
  flowrra_call& call = bench.start_io(outside);
  bench.host.cancel(call);
  BOOST_TEST(Bench::outcome(call) == "cancelled: cancelled");
  BOOST_TEST(Guard::alive == 0);
}

BOOST_AUTO_TEST_CASE(arguments_by_reference_live_as_long_as_the_coroutine) {
  Bench bench;
  const flowrra_call& call = bench.start_io(
      [](IoContext& ctx, const std::string& text) -> Co<std::string> {
        co_await ctx.sleep(1ms);
        co_return text + "!";
      },
      "[\"" + std::string(100, 'a') + "\"]");
  bench.host.advance(1);
  BOOST_TEST(Bench::outcome(call) == "\"" + std::string(100, 'a') + "!\"");
}

BOOST_AUTO_TEST_CASE(a_host_without_async_work_refuses_coroutines) {
  Bench bench;
  bench.host.offers_async = false;
  BOOST_TEST(Bench::outcome(bench.start_io(doubled, "[1]")) == "permanent: this host runs no io tasks");
}

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
BOOST_AUTO_TEST_CASE(coroutines_that_end_at_once_do_not_grow_the_stack) {
  Bench bench;
  const flowrra_call& call = bench.start_io(
      [](int count) -> Co<int> {
        int sum = 0;
        for (int i = 0; i < count; ++i) sum += co_await immediate(1);
        co_return sum;
      },
      "[1000000]");
  BOOST_TEST(Bench::outcome(call) == "1000000");
}
#endif

BOOST_AUTO_TEST_SUITE_END()
