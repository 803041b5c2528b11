// all, any and with_timeout: who is cancelled when, and that nothing is left behind.

#include "flowrra/async.hpp"
#include "sdk/story.hpp"

BOOST_AUTO_TEST_SUITE(groups)

namespace {

using flowrra::Co;
using flowrra::IoContext;
using flowrra::test::Bench;
using flowrra::test::Clean;
using flowrra::test::Guard;
using flowrra::test::start;
using flowrra::test::story;
using namespace std::chrono_literals;

Co<std::string> after(IoContext& ctx, int ms, std::string name) {
  const Guard guard;
  try {
    co_await ctx.sleep(std::chrono::milliseconds(ms));
  } catch (const flowrra::Cancelled&) {
    story.push_back(name + " cancelled");
    throw;
  }
  story.push_back(name);
  co_return name;
}
Co<void> nothing_after(IoContext& ctx, int ms) { co_await after(ctx, ms, "nothing"); }
Co<int> fails_after(IoContext& ctx, int ms, std::string why) {
  co_await ctx.sleep(std::chrono::milliseconds(ms));
  throw std::runtime_error(why);
}
Co<std::string> now(std::string name) { co_return name; }
Co<std::string> fails_now() {
  throw std::runtime_error("at once");
  co_return "";
}
Co<std::string> waits_for_ever(IoContext& ctx) {
  const Guard guard;
  flowrra::Completion<> never(ctx);
  co_await never;
  co_return "never";
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_gives_every_value_when_the_last_has_ended) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<std::string> {
    const auto [a, b, none] = co_await flowrra::all(after(ctx, 30, "a"), after(ctx, 10, "b"), nothing_after(ctx, 20));
    co_return a + b;
  });
  bench.host.advance(29);
  BOOST_TEST(call.ended == 0);
  bench.host.advance(1);
  BOOST_TEST(Bench::outcome(call) == "\"ab\"");
}

BOOST_AUTO_TEST_CASE(all_takes_any_number_of_one_type) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<std::vector<std::string>> {
    std::vector<Co<std::string>> works;
    works.reserve(3);
    for (int i = 0; i < 3; ++i) works.push_back(after(ctx, 30 - 10 * i, std::to_string(i)));
    std::vector<std::string> values = co_await flowrra::all(std::move(works));
    std::vector<Co<>> silent;
    silent.push_back(nothing_after(ctx, 5));
    co_await flowrra::all(std::move(silent));
    std::vector<Co<int>> none;
    const auto empty = co_await flowrra::all(std::move(none));
    values.push_back(std::to_string(empty.size()));
    co_return values;
  });
  bench.host.advance(35);
  BOOST_TEST(Bench::outcome(call) == R"(["0","1","2","0"])");
}

BOOST_AUTO_TEST_CASE(a_failure_in_all_cancels_the_others_and_is_thrown_when_they_have_ended) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<> {
    co_await flowrra::all(after(ctx, 1000, "slow"), fails_after(ctx, 10, "broken"), waits_for_ever(ctx),
                          fails_after(ctx, 20, "later"));
  });
  bench.host.advance(10);
  BOOST_TEST(Bench::outcome(call) == "retry: broken");
  BOOST_TEST(story == std::vector<std::string>{"slow cancelled"});
  BOOST_TEST(bench.host.waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(a_failure_at_once_keeps_those_behind_it_from_beginning) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<> {
    co_await flowrra::all(after(ctx, 10, "first"), fails_now(), after(ctx, 10, "never begun"));
  });
  bench.host.advance(0);
  BOOST_TEST(Bench::outcome(call) == "retry: at once");
  BOOST_TEST(story == std::vector<std::string>{"first cancelled"});
}

BOOST_AUTO_TEST_CASE(any_gives_the_first_success_and_cancels_the_others) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<std::string> {
    const auto won = co_await flowrra::any(after(ctx, 50, "slow"), fails_after(ctx, 5, "x"), after(ctx, 10, "quick"));
    const auto at_once = co_await flowrra::any(waits_for_ever(ctx), now("now"), now("not begun"));
    co_return std::to_string(won.index()) + std::get<2>(won) + std::get<1>(at_once);
  });
  bench.host.advance(10);
  BOOST_TEST(Bench::outcome(call) == "\"2quicknow\"");
  BOOST_TEST((story == std::vector<std::string>{"quick", "slow cancelled"}));
}

BOOST_AUTO_TEST_CASE(any_of_a_list_says_which_came_first) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<std::string> {
    std::vector<Co<std::string>> works;
    works.reserve(5);
    for (int i = 0; i < 5; ++i) works.push_back(after(ctx, 100 - 10 * i, std::to_string(i)));
    const auto first = co_await flowrra::any(std::move(works));
    std::vector<Co<>> silent;
    silent.push_back(nothing_after(ctx, 5));
    const auto second = co_await flowrra::any(std::move(silent));
    co_return first.value + std::to_string(first.index) + std::to_string(second.index);
  });
  bench.host.advance(65);
  BOOST_TEST(Bench::outcome(call) == "\"440\"");
}

BOOST_AUTO_TEST_CASE(when_all_of_any_fail_the_first_failure_is_thrown) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<> {
    co_await flowrra::any(fails_after(ctx, 20, "second"), fails_after(ctx, 10, "first"));
  });
  bench.host.advance(20);
  BOOST_TEST(Bench::outcome(call) == "retry: first");
  BOOST_TEST(Bench::outcome(start(bench, [](IoContext&) -> Co<> {
               std::vector<Co<int>> none;
               co_await flowrra::any(std::move(none));
             })) == "retry: any() of no coroutines");
}

BOOST_AUTO_TEST_CASE(with_timeout_gives_the_value_in_time_and_throws_when_it_is_late) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<std::string> {
    const std::string early = co_await flowrra::with_timeout(20ms, after(ctx, 10, "early"));
    try {
      co_await flowrra::with_timeout(20ms, after(ctx, 1000, "late"));
    } catch (const flowrra::TimedOut& error) {
      co_return early + ", " + error.what();
    }
    co_return "no timeout";
  });
  bench.host.advance(30);
  BOOST_TEST(Bench::outcome(call) == "\"early, not done after 20 ms\"");
  BOOST_TEST((story == std::vector<std::string>{"early", "late cancelled"}));
}

BOOST_AUTO_TEST_CASE(an_error_within_with_timeout_passes_through) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<int> {
    co_return co_await flowrra::with_timeout(1s, fails_after(ctx, 10, "inner"));
  });
  bench.host.advance(10);
  BOOST_TEST(Bench::outcome(call) == "retry: inner");
}

BOOST_AUTO_TEST_CASE(groups_nest_and_an_outer_cancellation_reaches_the_innermost) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<> {
    co_await flowrra::with_timeout(
        10ms, flowrra::all(waits_for_ever(ctx), flowrra::any(after(ctx, 500, "a"), waits_for_ever(ctx)),
                           flowrra::with_timeout(1s, after(ctx, 900, "b"))));
  });
  bench.host.advance(10);
  BOOST_TEST(Bench::outcome(call) == "retry: not done after 10 ms");
  BOOST_TEST(story.size() == 2U);
  BOOST_TEST(bench.host.waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(cancelling_the_task_ends_every_branch) {
  const Clean clean;
  Bench bench;
  flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<> {
    co_await flowrra::all(after(ctx, 100, "a"), waits_for_ever(ctx),
                          flowrra::with_timeout(1s, flowrra::any(after(ctx, 200, "b"), waits_for_ever(ctx))));
  });
  bench.host.cancel(call);
  BOOST_TEST(Bench::outcome(call) == "cancelled: cancelled");
  BOOST_TEST(story.size() == 2U);
  BOOST_TEST(bench.host.waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_begins_no_branch) {
  const Clean clean;
  Bench bench;
  flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<> {
    try {
      co_await ctx.sleep(1s);
    } catch (const flowrra::Cancelled&) {
      story.push_back("told");
    }
    co_await flowrra::all(after(ctx, 1, "begun"), now("begun"));
  });
  bench.host.cancel(call);
  BOOST_TEST(Bench::outcome(call) == "cancelled: cancelled");
  BOOST_TEST(story == std::vector<std::string>{"told"});
}

BOOST_AUTO_TEST_CASE(work_on_a_thread_sees_that_its_branch_is_cancelled_and_is_waited_for) {
  const Clean clean;
  Bench bench;
  static std::vector<bool> seen;
  seen.clear();
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<std::string> {
    const auto work = [](IoContext& context) -> Co<int> {
      co_return co_await context.blocking([](flowrra::BlockingContext& thread) {
        seen.push_back(thread.cancelled());
        return 1;
      });
    };
    try {
      co_await flowrra::with_timeout(10ms, work(ctx));
    } catch (const flowrra::TimedOut&) {
      co_return "late";
    }
    co_return "in time";
  });
  bench.host.work_with([&] { bench.host.advance(10); });
  BOOST_TEST(call.ended == 1);
  BOOST_TEST(Bench::outcome(call) == "\"late\"");
  const flowrra_call& second = bench.start("");
  bench.host.advance(10);  // no thread has taken the work yet
  BOOST_TEST(Bench::outcome(second) == "\"late\"");
  BOOST_TEST(seen == std::vector<bool>{false});
}

BOOST_AUTO_TEST_CASE(a_thousand_branches_are_cancelled_at_once) {
  const Clean clean;
  Bench bench;
  const flowrra_call& call = start(bench, [](IoContext& ctx) -> Co<int> {
    std::vector<Co<std::string>> works;
    works.reserve(1001);
    for (int i = 0; i < 1000; ++i) works.push_back(i % 2 == 0 ? waits_for_ever(ctx) : after(ctx, 1000 + i, "x"));
    works.push_back(after(ctx, 1, "first"));
    const auto first = co_await flowrra::any(std::move(works));
    co_return static_cast<int>(first.index);
  });
  bench.host.advance(1);
  BOOST_TEST(Bench::outcome(call) == "1000");
  BOOST_TEST(story.size() == 501U);
}

BOOST_AUTO_TEST_SUITE_END()
