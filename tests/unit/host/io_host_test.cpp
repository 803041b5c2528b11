#include <boost/test/unit_test.hpp>
#include <map>

#include "host_process.hpp"

using namespace flowrra;
using namespace flowrra::test;

BOOST_AUTO_TEST_SUITE(io_host)

BOOST_AUTO_TEST_CASE(tasks_on_the_loop_and_on_the_pool_get_arguments_and_return_results) {
  HostProcess host(Kind::io);
  BOOST_TEST(host.run(1, "faulty.io_echo", "[1]").text == "[1]");
  BOOST_TEST(host.run(2, "faulty.blocking_echo", "[2]").text == "[2]");
  BOOST_TEST(host.run(3, "faulty.cpu_echo").text.find("no plugin") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_thousand_starts_in_one_write_all_finish) {
  HostProcess host(Kind::io);
  std::string bytes;
  for (std::uint64_t call = 1; call <= 1000; ++call) {
    append(bytes, HostProcess::frame(call, call % 2 == 0 ? "faulty.io_echo" : "faulty.blocking_echo"));
  }
  host.send(bytes);
  std::map<std::uint64_t, int> seen;
  for (int i = 0; i < 1000; ++i) ++seen[host.finished().call];
  BOOST_TEST(seen.size() == 1000U);
}

BOOST_AUTO_TEST_CASE(ten_thousand_sleep_at_once) {
  HostProcess host(Kind::io);
  std::string bytes;
  for (std::uint64_t call = 1; call <= 10'000; ++call) {
    append(bytes, HostProcess::frame(call, "faulty.io_sleep", "[200]"));
  }
  const auto before = std::chrono::steady_clock::now();
  host.send(bytes);
  for (int i = 0; i < 10'000; ++i) BOOST_REQUIRE(host.finished().text == "\"slept\"");
  const auto took = std::chrono::steady_clock::now() - before;
  BOOST_TEST((took >= std::chrono::milliseconds(200)));
  BOOST_TEST((took < std::chrono::seconds(5)));
}

BOOST_AUTO_TEST_CASE(sleeps_end_in_the_order_of_their_time) {
  HostProcess host(Kind::io);
  host.start(1, "faulty.io_sleep", "[120]");
  host.start(2, "faulty.io_sleep", "[60]");
  host.start(3, "faulty.io_sleep", "[0]");
  BOOST_TEST(host.finished().call == 3U);
  BOOST_TEST(host.finished().call == 2U);
  BOOST_TEST(host.finished().call == 1U);
}

BOOST_AUTO_TEST_CASE(a_cancelled_sleep_ends_at_once) {
  HostProcess host(Kind::io);
  host.start(1, "faulty.io_sleep", "[3600000]");
  host.tell(CancelFrame{1});
  BOOST_TEST((host.finished().end == CallEnd::cancelled));
}

BOOST_AUTO_TEST_CASE(a_cancelled_call_is_told_once) {
  HostProcess host(Kind::io);
  host.start(1, "faulty.io_spin");
  host.tell(CancelFrame{1});
  host.tell(CancelFrame{1});
  BOOST_TEST(host.finished().text == "told to stop");
  BOOST_TEST(host.run(2, "faulty.io_echo").call == 2U);
}

BOOST_AUTO_TEST_CASE(a_blocking_task_sees_that_it_is_cancelled) {
  HostProcess host(Kind::io);
  host.start(1, "faulty.blocking_spin");
  host.wait_marked(1);
  host.tell(CancelFrame{1});
  BOOST_TEST(host.finished().text == "told to stop");
}

BOOST_AUTO_TEST_CASE(a_blocking_task_that_waits_for_a_thread_is_cancelled_without_running) {
  HostProcess host(Kind::io, {fixture("faulty.so")}, 1);
  host.start(1, "faulty.blocking_spin");
  host.wait_marked(1);
  host.start(2, "faulty.blocking_segv");
  host.tell(CancelFrame{2});
  const FinishedFrame second = host.finished();
  BOOST_TEST(second.call == 2U);
  BOOST_TEST((second.end == CallEnd::cancelled));
  host.tell(CancelFrame{1});
  BOOST_TEST(host.finished().call == 1U);
}

BOOST_AUTO_TEST_CASE(a_blocking_task_is_handed_back_unless_it_has_begun) {
  HostProcess host(Kind::io, {fixture("faulty.so")}, 1);
  host.start(1, "faulty.blocking_spin");
  host.wait_marked(1);
  host.start(2, "faulty.blocking_segv");
  BOOST_TEST(host.page().pool_begun == 1U);
  host.tell(CancelFrame{1, true});
  host.tell(CancelFrame{2, true});
  const FinishedFrame second = host.finished();
  BOOST_TEST(second.call == 2U);
  BOOST_TEST((second.end == CallEnd::unbegun));
  host.tell(CancelFrame{1});
  BOOST_TEST((host.finished().end == CallEnd::cancelled));
}

BOOST_AUTO_TEST_CASE(a_thread_that_runs_many_blocking_tasks_lets_the_works_of_coroutines_between) {
  HostProcess host(Kind::io, {fixture("faulty.so"), fixture("on_loop.so")}, 1);
  for (std::uint64_t call = 1; call <= 20; ++call) host.start(call, "faulty.blocking_sleep", "[5]");
  host.start(21, "loop.work");
  for (std::uint64_t call = 0; call != 21;) {
    call = host.finished().call;
    BOOST_TEST_REQUIRE(call != 20U);
  }
}

BOOST_AUTO_TEST_CASE(as_many_blocking_tasks_run_at_once_as_there_are_threads) {
  HostProcess host(Kind::io, {fixture("faulty.so")}, 3);
  for (std::uint64_t call = 1; call <= 3; ++call) host.start(call, "faulty.blocking_spin");
  for (std::uint64_t call = 1; call <= 3; ++call) host.wait_marked(call);
  for (std::uint64_t call = 1; call <= 3; ++call) host.tell(CancelFrame{call});
  for (std::uint64_t call = 1; call <= 3; ++call) BOOST_TEST((host.finished().end == CallEnd::cancelled));
}

BOOST_AUTO_TEST_CASE(a_task_that_keeps_the_loop_is_named) {
  HostProcess host(Kind::io);
  host.start(4, "faulty.io_block", "[150]");
  const LogFrame line = host.log();
  BOOST_TEST(line.call == 4U);
  BOOST_TEST(line.level == 2U);
  BOOST_TEST(line.text.find("kept the loop") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_task_that_keeps_the_loop_to_its_end_is_named_once_and_before_its_outcome) {
  HostProcess host(Kind::io);
  host.ready();
  host.start(4, "faulty.io_block", "[150]");
  BOOST_TEST((host.next().value().first == FrameType::log));
  BOOST_TEST((host.next().value().first == FrameType::finished));
  host.start(5, "faulty.io_echo");
  BOOST_TEST((host.next().value().first == FrameType::finished));
}

BOOST_AUTO_TEST_CASE(progress_and_log_come_from_pool_threads_too) {
  HostProcess host(Kind::io);
  host.ready();
  host.start(1, "faulty.blocking_progress", "[500]");
  std::string last;
  while (true) {
    const auto [type, body] = host.next().value();
    if (type == FrameType::finished) break;
    if (type == FrameType::progress) last = must(read_progress(body)).progress;
  }
  BOOST_TEST(last == R"({"done":500,"total":500,"note":"step 500"})");
  host.start(2, "faulty.blocking_log");
  BOOST_TEST(host.log().text == "a line of the task");
}

BOOST_AUTO_TEST_CASE(what_a_plugin_must_not_do_ends_as_a_failure) {
  HostProcess host(Kind::io);
  BOOST_TEST((host.run(1, "faulty.io_junk").end == CallEnd::permanent));
  BOOST_TEST((host.run(2, "faulty.blocking_silent").end == CallEnd::failure));
  BOOST_TEST((host.run(3, "faulty.blocking_huge", "[3000000]").end == CallEnd::permanent));
  host.start(4, "faulty.io_twice");
  BOOST_TEST(host.finished().text == "1");
  BOOST_TEST(host.run(5, "faulty.io_echo").call == 5U);
}

BOOST_AUTO_TEST_CASE(stop_waits_for_what_runs_and_ends_with_0) {
  HostProcess host(Kind::io);
  host.start(1, "faulty.io_sleep", "[50]");
  host.start(2, "faulty.blocking_sleep", "[50]");
  host.tell(StopFrame{});
  host.finished();
  host.finished();
  BOOST_TEST(describe(host.end()) == "exited with code 0");
  BOOST_TEST(host.page().fault == 0U);
}

BOOST_AUTO_TEST_CASE(a_host_with_nothing_to_do_stops_at_once) {
  HostProcess host(Kind::io);
  host.tell(StopFrame{});
  BOOST_TEST(describe(host.end()) == "exited with code 0");
}

BOOST_AUTO_TEST_CASE(a_host_does_not_outlive_its_node) {
  HostProcess host(Kind::io);
  host.start(1, "faulty.io_sleep", "[3600000]");
  host.ready();
  host.hang_up();
  BOOST_TEST(!host.end().signalled);
}

BOOST_AUTO_TEST_CASE(a_node_that_speaks_nonsense_is_left) {
  HostProcess host(Kind::io);
  host.ready();
  host.send(std::string(64, '\xff'));
  BOOST_TEST(host.end().code != 0);
}

BOOST_AUTO_TEST_CASE(large_results_pass_while_the_node_does_not_read) {
  HostProcess host(Kind::io);
  for (std::uint64_t call = 1; call <= 16; ++call) host.start(call, "faulty.io_huge", "[500000]");
  for (std::uint64_t call = 1; call <= 16; ++call) BOOST_TEST(host.finished().text.size() == 500'002U);
}

BOOST_AUTO_TEST_SUITE_END()
