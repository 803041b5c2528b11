// How an ordinary function's end reaches the host, and what its context tells and asks.

#include "sdk/support.hpp"

BOOST_AUTO_TEST_SUITE(failures)

namespace {

using flowrra::test::Bench;
using namespace std::chrono_literals;

}  // namespace

BOOST_AUTO_TEST_CASE(an_exception_is_a_failure_that_is_tried_again) {
  Bench bench;
  BOOST_TEST(bench.run([]() { throw std::runtime_error("disk full"); }, "") == "retry: disk full");
  BOOST_TEST(bench.run([]() { throw 7; }, "") == "retry: an exception that is not a std::exception");
  BOOST_TEST(bench.run([]() { throw std::bad_alloc(); }, "") == "retry: out of memory");
}

BOOST_AUTO_TEST_CASE(permanent_retry_after_and_cancelled_are_told_apart) {
  Bench bench;
  BOOST_TEST(bench.run([]() { throw flowrra::Permanent("no such file"); }, "") == "permanent: no such file");
  BOOST_TEST(bench.run([]() { throw flowrra::Cancelled(); }, "") == "cancelled: cancelled");
  bench.plugin.cpu("later", [] { throw flowrra::RetryAfter{5s}; });
  const flowrra_call& later = bench.start("");
  BOOST_TEST(later.failure == FLOWRRA_FAIL_RETRY);
  BOOST_TEST(later.retry_after == 5000);
  bench.plugin.cpu("soon", [] { throw flowrra::RetryAfter(1500us, "busy"); });
  const flowrra_call& soon = bench.start("");
  BOOST_TEST(soon.retry_after == 2);
  BOOST_TEST(soon.message == "busy");
}

BOOST_AUTO_TEST_CASE(an_ordinary_failure_leaves_the_delay_to_the_retry_rule) {
  Bench bench;
  bench.plugin.cpu("t", [] { throw std::runtime_error("x"); });
  BOOST_TEST(bench.start("").retry_after == -1);
}

BOOST_AUTO_TEST_CASE(the_context_speaks_for_the_call) {
  Bench bench;
  bench.plugin.cpu("t", [](flowrra::CpuContext& ctx) {
    ctx.progress(1, 4, "first");
    ctx.progress(2);
    ctx.debug("d");
    ctx.info("i");
    ctx.warning("w");
    ctx.error("e");
    return std::string(ctx.id()) + " " + std::to_string(ctx.attempt()) +
           (ctx.time_left() || ctx.deadline() ? " soon" : " whenever");
  });
  const flowrra_call& call = bench.host.start(bench.task("t"), "", 3);
  BOOST_TEST(call.json == "\"call-1 3 whenever\"");
  BOOST_TEST(call.progress == (std::vector<std::string>{"1/4 first", "2/0 "}), boost::test_tools::per_element());
  BOOST_TEST(call.log == (std::vector<std::string>{"0 d", "1 i", "2 w", "3 e"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_can_see_it) {
  Bench bench;
  bench.plugin.cpu("t", [](flowrra::CpuContext& ctx) {
    if (ctx.extension<int>("?") == nullptr) ctx.throw_if_cancelled();
  });
  flowrra_call call;
  call.host = &bench.host;
  call.cancelled = true;
  const flowrra_task& task = bench.task("t");
  task.run(task.data, &call, {"{}", 2});
  BOOST_TEST(Bench::outcome(call) == "cancelled: cancelled");
}

BOOST_AUTO_TEST_CASE(everything_of_the_task_is_gone_when_its_call_ends) {
  static bool alive = false;
  struct Guard {
    Guard() { alive = true; }
    ~Guard() { alive = false; }
  };
  Bench bench;
  bench.run(
      [] {
        const Guard guard;
        throw std::runtime_error("x");
      },
      "");
  BOOST_TEST(!alive);
}

BOOST_AUTO_TEST_SUITE_END()
