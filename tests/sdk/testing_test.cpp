// testing.hpp: what an author's own tests can choose and see.

#include "flowrra/testing.hpp"

#include <boost/test/unit_test.hpp>
#include <thread>

#include "flowrra/plugin.hpp"

BOOST_AUTO_TEST_SUITE(author_tests)

namespace {

using flowrra::Co;
using flowrra::testing::Bench;
using flowrra::testing::End;
using flowrra::testing::Level;
using flowrra::testing::Outcome;
using namespace std::chrono_literals;

struct Page {
  std::string url;
  int size = 7;
};
FLOWRRA_FIELDS(Page, url, size);

std::string flaky(flowrra::CpuContext& ctx, int failures) {
  ctx.info("attempt " + std::to_string(ctx.attempt()));
  if (ctx.attempt() <= failures) throw std::runtime_error("not yet");
  return std::string(ctx.id());
}
int count(flowrra::CpuContext& ctx, int to) {
  for (int i = 0; i < to; ++i) {
    ctx.throw_if_cancelled();
    ctx.progress(i, to, "counting");
  }
  return to;
}
Page grow(Page page) {
  page.size *= 2;
  return page;
}
Co<Page> fetch(flowrra::IoContext& ctx, std::string url) {
  ctx.progress(0, 2);
  co_await ctx.sleep(1h);
  ctx.progress(1, 2);
  Page page;
  page.url = url;
  page.size = co_await ctx.blocking([] { return 12; });
  ctx.progress(2, 2);
  co_return page;
}
Co<> busy(flowrra::IoContext&) {
  throw flowrra::RetryAfter(30s, "busy");
  co_return;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_function_runs_with_values_and_gives_a_value) {
  const Bench bench;
  BOOST_TEST(bench.cpu(count, 3).value<int>() == 3);
  BOOST_TEST(bench.cpu(grow, Page{"u", 4}).value<Page>().size == 8);
  BOOST_TEST(bench.io([](flowrra::BlockingContext&, std::optional<int> n) { return n.value_or(1); }, 5).json == "5");
  BOOST_TEST(bench.cpu([](const std::string& a, double b) { return a + std::to_string(b); }, "x", 2.0).json ==
             "\"x2.000000\"");
}

BOOST_AUTO_TEST_CASE(progress_and_log_are_seen) {
  Bench bench;
  bench.id = "job-1";
  bench.attempt = 4;
  const Outcome outcome = bench.cpu(flaky, 3);
  BOOST_TEST(outcome.json == "\"job-1\"");
  BOOST_TEST(outcome.log.at(0).text == "attempt 4");
  BOOST_TEST((outcome.log.at(0).level == Level::info));
  const Outcome counted = bench.cpu(count, 2);
  BOOST_TEST(counted.progress.size() == 2U);
  BOOST_TEST(counted.progress[1].done == 1);
  BOOST_TEST(counted.progress[1].note == "counting");
}

BOOST_AUTO_TEST_CASE(failures_are_told_apart) {
  const Bench bench;
  const Outcome failed = bench.cpu(flaky, 3);
  BOOST_TEST((failed.end == End::failure));
  BOOST_TEST(failed.message == "not yet");
  BOOST_TEST(!failed.retry_after.has_value());
  BOOST_CHECK_THROW(static_cast<void>(failed.value<int>()), std::logic_error);
  BOOST_TEST((bench.cpu([] { throw flowrra::Permanent("never"); }).end == End::permanent));
  BOOST_TEST((bench.io(busy).retry_after == 30s));
  BOOST_TEST((bench.cpu(count, "text").end == End::permanent));
}

BOOST_AUTO_TEST_CASE(a_coroutine_sleeps_on_fake_time) {
  const Outcome outcome = Bench().io(fetch, "http://x");
  BOOST_TEST(outcome.value<Page>().size == 12);
  BOOST_TEST((outcome.took == 1h));
}

BOOST_AUTO_TEST_CASE(an_attempt_is_cancelled_at_its_deadline_or_where_the_test_says) {
  Bench late;
  late.timeout = 10s;
  BOOST_TEST((late.io(fetch, "u").end == End::timeout));
  BOOST_TEST((late.io(fetch, "u").took == 10s));
  Bench timed;
  timed.cancel_after = 1min;
  BOOST_TEST((timed.io(fetch, "u").took == 1min));
  Bench at_point;
  at_point.cancel_when = [](const Outcome& so_far) { return so_far.progress.size() == 2; };
  const Outcome stopped = at_point.io(fetch, "u");
  BOOST_TEST((stopped.end == End::cancelled));
  BOOST_TEST((stopped.took == 1h));
  BOOST_TEST(at_point.cpu(count, 10).progress.size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_attempt_that_took_too_long_is_tried_again) {
  Bench bench;
  bench.timeout = 10s;
  bench.max_retries = 2;
  const Outcome outcome = bench.io(fetch, "u");
  BOOST_TEST((outcome.end == End::timeout));
  BOOST_TEST(outcome.message == "ran longer than its timeout");
  BOOST_TEST(outcome.earlier.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_task_that_computes_reaches_its_deadline_by_looking) {
  Bench bench;
  bench.timeout = 1s;
  bench.tick = 100ms;
  const Outcome outcome = bench.cpu(count, 1000);
  BOOST_TEST((outcome.end == End::timeout));
  BOOST_TEST(outcome.progress.size() == 9U);
  const Outcome asked = bench.cpu([](flowrra::CpuContext& ctx) { return ctx.time_left()->count(); });
  BOOST_TEST(asked.json == "900");
}

BOOST_AUTO_TEST_CASE(attempts_follow_each_other_on_fake_time) {
  Bench bench;
  bench.max_retries = 5;
  const Outcome outcome = bench.cpu(flaky, 3);
  BOOST_TEST(bool(outcome));
  BOOST_TEST(outcome.earlier.size() == 3U);
  BOOST_TEST((outcome.took == 1s + 2s + 4s));
  bench.max_retries = 1;
  const Outcome busy_twice = bench.io(busy);
  BOOST_TEST((busy_twice.end == End::failure));
  BOOST_TEST((busy_twice.took == 30s));
}

BOOST_AUTO_TEST_CASE(the_threads_of_a_task_may_use_its_context_at_once) {
  const Outcome outcome = Bench().io([](flowrra::BlockingContext& ctx) {
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&ctx, i] {
        for (int n = 0; n < 250; ++n) {
          ctx.progress(n, 250, std::to_string(i));
          ctx.debug(ctx.id());
          if (ctx.cancelled()) return;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  BOOST_TEST(outcome.progress.size() == 1000U);
  BOOST_TEST(outcome.log.size() == 1000U);
}

BOOST_AUTO_TEST_CASE(threads_and_time_work_together) {
  const Outcome outcome = Bench().io([](flowrra::IoContext& ctx) -> Co<int> {
    const auto wait = [](flowrra::IoContext& context) -> Co<> {
      co_await context.blocking([](flowrra::BlockingContext& thread) {
        while (!thread.cancelled()) std::this_thread::yield();
      });
    };
    try {
      co_await flowrra::with_timeout(20ms, wait(ctx));
    } catch (const flowrra::TimedOut&) {
      co_return 1;
    }
    co_return 0;
  });
  BOOST_TEST(outcome.json == "1");
}

BOOST_AUTO_TEST_CASE(what_nobody_completes_ends_with_the_cancellation) {
  const auto never = [](flowrra::IoContext& ctx) -> Co<> {
    flowrra::Completion<> ended(ctx);
    co_await ended;
  };
  Bench bench;
  bench.cancel_after = 1s;
  BOOST_TEST((bench.io(never).end == End::cancelled));
}

BOOST_AUTO_TEST_CASE(a_task_of_the_linked_plugin_runs_by_its_name) {
  const Bench bench;
  BOOST_TEST(bench.task("linked.add", "[2,3]").json == "5");
  BOOST_TEST(bench.task("linked.add", R"({"a":2,"b":4})").json == "6");
  BOOST_TEST(bench.task("linked.add", R"([1])").message == "b: is required");
  BOOST_CHECK_THROW(static_cast<void>(bench.task("linked.sub")), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

FLOWRRA_PLUGIN("linked", "1.0.0") {
  plugin.cpu("linked.add", [](int a, int b) { return a + b; }, {.args = {"a", "b"}});
}
