#include "node/courier.hpp"

#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

#include "store/memory/memory_store.hpp"

using namespace flowrra;

namespace {

std::unique_ptr<Store> store() {
  auto opened = open_memory_store({.url = "memory://courier-test"});
  BOOST_REQUIRE(opened.ok());
  return *std::move(opened);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(courier)

BOOST_AUTO_TEST_CASE(requests_run_in_order_on_another_thread_and_answers_come_back_to_the_loop) {
  Loop loop;
  Courier courier(loop, store());
  const auto here = std::this_thread::get_id();
  std::vector<int> seen;
  for (int i = 0; i < 100; ++i) {
    courier.post([i](Store&) { return std::pair(i, std::this_thread::get_id()); },
                 [&](std::pair<int, std::thread::id> answer) {
                   BOOST_TEST((answer.second != here));
                   BOOST_TEST((std::this_thread::get_id() == here));
                   seen.push_back(answer.first);
                   if (seen.size() == 100) loop.stop();
                 });
  }
  loop.run();
  for (int i = 0; i < 100; ++i) BOOST_TEST(seen[static_cast<std::size_t>(i)] == i);
}

BOOST_AUTO_TEST_CASE(a_courier_ends_with_requests_still_waiting) {
  Loop loop;
  bool answered = false;
  {
    Courier courier(loop, store());
    for (int i = 0; i < 1000; ++i) {
      courier.post([](Store&) { return 0; }, [&](int) { answered = true; });
    }
  }
  BOOST_TEST(!answered);
}

BOOST_AUTO_TEST_SUITE_END()
