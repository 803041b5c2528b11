#include <boost/test/unit_test.hpp>

#include "host_process.hpp"

using namespace flowrra;
using namespace flowrra::test;

namespace {

struct LoopHost : HostProcess {
  LoopHost() : HostProcess(Kind::io, {fixture("on_loop.so"), fixture("faulty.so")}, 1) {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(plugins_on_the_loop, LoopHost)

BOOST_AUTO_TEST_CASE(a_plugin_uses_the_hosts_loop) {
  BOOST_TEST(ready().refused.empty());
  BOOST_TEST(run(1, "loop.timer").text == "\"done\"");
}

BOOST_AUTO_TEST_CASE(a_crash_in_a_callback_of_the_plugins_own_is_charged_to_the_task_it_entered) {
  start(1, "faulty.io_sleep", "[3600000]");
  start(2, "loop.timer_segv");
  BOOST_TEST(end().code == SIGSEGV);
  BOOST_TEST(page().fault == 2U);
}

BOOST_AUTO_TEST_CASE(a_forgotten_leave_blames_nobody_later) {
  BOOST_TEST(run(1, "loop.forgets_to_leave").text == "\"done\"");
  wait_for([&] { return page().threads[0].call == 0; });
  BOOST_TEST(run(2, "loop.timer").text == "\"done\"");
}

BOOST_AUTO_TEST_CASE(work_runs_on_a_pool_thread_and_its_crash_is_charged) {
  BOOST_TEST(run(1, "loop.work").text == "\"worked\"");
  start(2, "loop.work_segv");
  BOOST_TEST(end().code == SIGSEGV);
  BOOST_TEST(page().fault == 2U);
}

BOOST_AUTO_TEST_CASE(a_cancel_reaches_work_that_runs_and_work_that_waits) {
  start(1, "loop.two_works");
  wait_for([&] { return page().threads[1].call == 1; });
  tell(CancelFrame{1});
  BOOST_TEST(finished().text == "[0,1]");
}

BOOST_AUTO_TEST_CASE(a_handle_that_a_plugin_left_open_does_not_keep_the_host) {
  BOOST_TEST(run(1, "loop.timer").text == "\"done\"");
  tell(StopFrame{});
  BOOST_TEST(describe(end()) == "exited with code 0");
}

BOOST_AUTO_TEST_SUITE_END()
