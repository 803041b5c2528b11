#include <boost/test/unit_test.hpp>
#include <semaphore>
#include <thread>

#include "host_process.hpp"

using namespace flowrra;
using namespace flowrra::test;

BOOST_AUTO_TEST_SUITE(cpu_host)

BOOST_AUTO_TEST_CASE(it_says_which_tasks_it_can_run) {
  HostProcess host(Kind::cpu);
  const ReadyFrame ready = host.ready();
  BOOST_TEST(ready.refused.empty());
  BOOST_TEST((std::ranges::find(ready.tasks, "faulty.cpu_echo") != ready.tasks.end()));
  BOOST_TEST((std::ranges::find(ready.tasks, "faulty.io_echo") == ready.tasks.end()));
}

BOOST_AUTO_TEST_CASE(a_task_gets_its_arguments_and_its_result_comes_back) {
  HostProcess host(Kind::cpu);
  const FinishedFrame finished = host.run(7, "faulty.cpu_echo", R"({"a":[1,"ü"]})");
  BOOST_TEST(finished.call == 7U);
  BOOST_TEST((finished.end == CallEnd::success));
  BOOST_TEST(finished.text == R"({"a":[1,"ü"]})");
  BOOST_TEST(finished.max_rss > 0U);
  BOOST_TEST(host.page().threads[0].call == 0U);
}

BOOST_AUTO_TEST_CASE(a_task_knows_its_id_attempt_and_deadline) {
  HostProcess host(Kind::cpu);
  StartFrame start = HostProcess::frame(3, "faulty.cpu_info");
  start.attempt = 2;
  host.start(start);
  BOOST_TEST(host.finished().text == R"({"id":"task-3","attempt":2,"left":9223372036854775807})");
  start.call = 4;
  start.timeout_us = 60'000'000;
  host.start(start);
  const std::string text = host.finished().text;
  const long left = std::stol(text.substr(text.rfind(':') + 1));
  BOOST_TEST(left > 0);
  BOOST_TEST(left <= 60'000);
}

BOOST_AUTO_TEST_CASE(failures_say_what_kind_they_are) {
  HostProcess host(Kind::cpu);
  FinishedFrame finished = host.run(1, "faulty.cpu_fail");
  BOOST_TEST((finished.end == CallEnd::failure));
  BOOST_TEST(finished.text == "it did not work");
  BOOST_TEST(finished.retry_after_us == -1);
  finished = host.run(2, "faulty.cpu_permanent");
  BOOST_TEST((finished.end == CallEnd::permanent));
  finished = host.run(3, "faulty.cpu_retry_after", "[250]");
  BOOST_TEST((finished.end == CallEnd::failure));
  BOOST_TEST(finished.retry_after_us == 250'000);
}

BOOST_AUTO_TEST_CASE(what_a_plugin_must_not_do_ends_as_a_failure_and_the_host_goes_on) {
  HostProcess host(Kind::cpu);
  FinishedFrame finished = host.run(1, "faulty.cpu_junk");
  BOOST_TEST((finished.end == CallEnd::permanent));
  BOOST_TEST(finished.text.find("JSON") != std::string::npos);
  finished = host.run(2, "faulty.cpu_huge", "[2000000]");
  BOOST_TEST((finished.end == CallEnd::permanent));
  BOOST_TEST(finished.text.find("2000002 bytes") != std::string::npos);
  finished = host.run(3, "faulty.cpu_silent");
  BOOST_TEST((finished.end == CallEnd::failure));
  BOOST_TEST(finished.text.find("without ending") != std::string::npos);
  host.start(4, "faulty.cpu_twice");
  BOOST_TEST(host.log().text.find("ignored") != std::string::npos);
  BOOST_TEST(host.finished().text == "1");
  finished = host.run(5, "faulty.cpu_nobody");
  BOOST_TEST((finished.end == CallEnd::unknown));
  BOOST_TEST(host.run(6, "faulty.cpu_echo").text == "[]");
}

BOOST_AUTO_TEST_CASE(progress_is_thinned_out_and_the_last_one_comes_before_the_end) {
  HostProcess host(Kind::cpu);
  host.ready();
  host.start(1, "faulty.cpu_progress", "[1000]");
  std::vector<std::string> seen;
  while (true) {
    const auto [type, body] = host.next().value();
    if (type == FrameType::finished) break;
    seen.push_back(must(read_progress(body)).progress);
  }
  BOOST_TEST(seen.size() >= 2U);
  BOOST_TEST(seen.size() < 100U);
  BOOST_TEST(seen.front() == R"({"done":1,"total":1000,"note":"step 1"})");
  BOOST_TEST(seen.back() == R"({"done":1000,"total":1000,"note":"step 1000"})");
}

BOOST_AUTO_TEST_CASE(a_line_of_log_comes_with_its_call_and_level) {
  HostProcess host(Kind::cpu);
  host.start(5, "faulty.cpu_log");
  const LogFrame line = host.log();
  BOOST_TEST(line.call == 5U);
  BOOST_TEST(line.level == 1U);
  BOOST_TEST(line.text == "a line of the task");
}

BOOST_AUTO_TEST_CASE(a_recalled_task_is_never_run) {
  HostProcess host(Kind::cpu);
  host.start(1, "faulty.cpu_spin");
  host.wait_marked(1);
  host.start(2, "faulty.cpu_segv");
  host.start(3, "faulty.cpu_echo");
  BOOST_TEST(recall_offer(host.page(), 2));
  BOOST_TEST(!recall_offer(host.page(), 1));
  host.page().cancel = 1;
  const FinishedFrame first = host.finished();
  BOOST_TEST(first.call == 1U);
  BOOST_TEST((first.end == CallEnd::cancelled));
  BOOST_TEST(host.finished().call == 3U);
}

BOOST_AUTO_TEST_CASE(a_busy_task_sees_its_deadline_and_the_cancel_flag) {
  HostProcess host(Kind::cpu);
  StartFrame start = HostProcess::frame(1, "faulty.cpu_spin");
  start.timeout_us = 20'000;
  host.start(start);
  BOOST_TEST((host.finished().end == CallEnd::cancelled));
  host.start(2, "faulty.cpu_spin");
  host.wait_marked(2);
  host.page().cancel = 2;
  const FinishedFrame finished = host.finished();
  BOOST_TEST((finished.end == CallEnd::cancelled));
  BOOST_TEST(finished.cpu_s > 0);
}

BOOST_AUTO_TEST_CASE(stop_lets_the_queue_finish_and_ends_with_0) {
  HostProcess host(Kind::cpu);
  for (std::uint64_t call = 1; call <= 20; ++call) host.start(call, "faulty.cpu_echo");
  host.tell(StopFrame{});
  for (std::uint64_t call = 1; call <= 20; ++call) BOOST_TEST(host.finished().call == call);
  BOOST_TEST(describe(host.end()) == "exited with code 0");
  BOOST_TEST(host.page().fault == 0U);
}

BOOST_AUTO_TEST_CASE(a_host_does_not_outlive_its_node) {
  HostProcess host(Kind::cpu);
  host.ready();
  host.hang_up();
  BOOST_TEST(!host.end().signalled);
}

BOOST_AUTO_TEST_CASE(a_task_that_has_not_begun_is_cancelled_by_a_frame) {
  HostProcess host(Kind::cpu);
  host.start(1, "faulty.cpu_spin");
  host.wait_marked(1);
  host.start(2, "faulty.cpu_segv");
  host.tell(CancelFrame{2});
  host.page().cancel = 1;
  BOOST_TEST(host.finished().call == 1U);
  const FinishedFrame second = host.finished();
  BOOST_TEST(second.call == 2U);
  BOOST_TEST((second.end == CallEnd::cancelled));
}

BOOST_AUTO_TEST_CASE(a_node_that_speaks_nonsense_is_left) {
  HostProcess host(Kind::cpu);
  host.ready();
  host.send(std::string("\x02\0\0\0\x01\x01", 6));
  BOOST_TEST(host.end().code != 0);
}

BOOST_AUTO_TEST_CASE(a_thousand_tasks_run_in_order_with_both_directions_full) {
  HostProcess host(Kind::cpu);
  const std::string args = "\"" + std::string(10'000, 'a') + "\"";
  std::counting_semaphore<kMaxOffers> free(kMaxOffers);
  std::jthread writer([&] {
    for (std::uint64_t call = 1; call <= 1000; ++call) {
      free.acquire();
      host.start(call, "faulty.cpu_echo", args);
    }
  });
  for (std::uint64_t call = 1; call <= 1000; ++call) {
    BOOST_REQUIRE(host.finished().call == call);
    free.release();
  }
}

BOOST_AUTO_TEST_CASE(what_a_host_did_before_it_died_is_known_although_nobody_listened) {
  HostProcess host(Kind::cpu);
  host.ready();
  for (std::uint64_t call = 1; call <= 20; ++call)
    host.start(call, "faulty.cpu_echo", "[" + std::to_string(call) + "]");
  host.start({HostProcess::frame(21, "faulty.cpu_abort"), HostProcess::frame(22, "faulty.cpu_echo")});
  BOOST_TEST(host.end().signalled);
  for (std::uint64_t call = 1; call <= 20; ++call) {
    const FinishedFrame finished = host.finished();
    BOOST_TEST(finished.call == call);
    BOOST_TEST(finished.text == "[" + std::to_string(call) + "]");
  }
  BOOST_TEST(!host.next());
  BOOST_TEST(host.page().fault == 21U);
}

BOOST_AUTO_TEST_CASE(a_result_that_is_larger_than_the_stream_comes_whole_and_in_its_place) {
  HostProcess host(Kind::cpu);
  host.ready();
  host.start(1, "faulty.cpu_echo");
  host.start(2, "faulty.cpu_huge", "[1000000]");
  host.start(3, "faulty.cpu_echo");
  BOOST_TEST(host.finished().call == 1U);
  const FinishedFrame huge = host.finished();
  BOOST_TEST(huge.call == 2U);
  BOOST_TEST(huge.text.size() == 1'000'002U);
  BOOST_TEST(host.finished().call == 3U);
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_for_the_task_that_asks_and_for_no_other) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  HostProcess host(Kind::cpu);
  StartFrame start = HostProcess::frame(1, "faulty.cpu_alloc", "[1024]");
  start.limits.memory = 512U << 20U;
  host.start(start);
  FinishedFrame finished = host.finished();
  BOOST_TEST((finished.end == CallEnd::failure));
  BOOST_TEST(finished.text == "out of memory");
  finished = host.run(2, "faulty.cpu_alloc", "[64]");
  BOOST_TEST((finished.end == CallEnd::success));
  BOOST_TEST(finished.max_rss > (64U << 20U));
  finished = host.run(3, "faulty.cpu_echo");
  BOOST_TEST(finished.max_rss < (64U << 20U));
#endif
}

BOOST_AUTO_TEST_CASE(plugins_that_do_not_load_are_refused_and_the_others_work) {
  HostProcess host(Kind::cpu, {fixture("bad_abi.so"), fixture("faulty.so"), fixture("bad_twin.so")});
  const ReadyFrame ready = host.ready();
  BOOST_REQUIRE(ready.refused.size() == 2U);
  BOOST_TEST(ready.refused[0].plugin == fixture("bad_abi.so"));
  BOOST_TEST(ready.refused[1].reason.find("faulty.cpu_echo") != std::string::npos);
  BOOST_TEST(ready.refused[1].reason.find(fixture("faulty.so")) != std::string::npos);
  BOOST_TEST(host.run(1, "faulty.cpu_echo").text == "[]");
}

BOOST_AUTO_TEST_SUITE_END()
