#include "executor/loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "base/fd.hpp"

using namespace flowrra;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(loop)

BOOST_AUTO_TEST_CASE(a_timer_calls_once_and_may_be_destroyed_by_its_callback) {
  Loop loop;
  int calls = 0;
  std::optional<Timer> timer;
  timer.emplace(loop, [&] {
    ++calls;
    timer.reset();
    loop.stop();
  });
  timer->start(1ms);
  loop.run();
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(a_stopped_timer_does_not_call) {
  Loop loop;
  bool called = false;
  Timer never(loop, [&] { called = true; });
  Timer end(loop, [&] { loop.stop(); });
  never.start(1ms);
  never.stop();
  end.start(5ms);
  loop.run();
  BOOST_TEST(!called);
}

BOOST_AUTO_TEST_CASE(deferred_work_runs_once_however_often_it_was_requested) {
  Loop loop;
  int calls = 0;
  Deferred deferred(loop, [&] {
    ++calls;
    loop.stop();
  });
  deferred.request();
  deferred.request();
  loop.run();
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(another_thread_wakes_the_loop) {
  Loop loop;
  Wakeup wakeup(loop, [&] { loop.stop(); });
  std::thread other([&] { wakeup.signal(); });
  loop.run();
  other.join();
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(a_poll_tells_of_readable_and_writable) {
  Loop loop;
  const UniqueFd event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  std::vector<bool> writable;
  std::optional<Poll> poll;
  poll.emplace(loop, event.get(), [&](bool, bool can_write) {
    writable.push_back(can_write);
    if (can_write) {
      poll.reset();
      loop.stop();
    } else {
      poll->watch_writable(true);
    }
  });
  BOOST_TEST(eventfd_write(event.get(), 1) == 0);
  loop.run();
  BOOST_TEST(writable.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
