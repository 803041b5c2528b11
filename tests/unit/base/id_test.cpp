#include "base/id.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_clock.hpp"

namespace flowrra {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(ulid)

BOOST_AUTO_TEST_CASE(an_id_is_26_characters_of_the_alphabet) {
  const std::string id = new_ulid(system_clock());
  BOOST_TEST(id.size() == 26);
  BOOST_TEST(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(ids_sort_by_the_order_they_were_made) {
  test::FakeClock clock;
  std::vector<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    if (i % 100 == 0) clock.advance(1ms);
    ids.push_back(new_ulid(clock));
  }
  BOOST_TEST(std::is_sorted(ids.begin(), ids.end()));
  BOOST_TEST((std::set(ids.begin(), ids.end()).size() == ids.size()));
}

BOOST_AUTO_TEST_CASE(a_clock_that_steps_back_a_little_keeps_the_order) {
  test::FakeClock clock;
  clock.advance(3600s);
  const std::string first = new_ulid(clock);
  clock.jump_wall(-500ms);
  BOOST_TEST(first < new_ulid(clock));
}

BOOST_AUTO_TEST_CASE(the_first_characters_are_the_time_in_milliseconds) {
  test::FakeClock clock;
  clock.advance(10 * 24h);  // beyond what the other cases used
  const auto millis = static_cast<std::uint64_t>(to_micros(clock.wall()) / 1000);
  const std::string alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  std::uint64_t read = 0;
  for (const char c : new_ulid(clock).substr(0, 10)) read = read << 5 | alphabet.find(c);
  BOOST_TEST(read == millis);
}

BOOST_AUTO_TEST_CASE(threads_never_make_the_same_id) {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  threads.reserve(made.size());
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 2000; ++i) mine.push_back(new_ulid(system_clock()));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  BOOST_TEST(all.size() == 8000);
}

BOOST_AUTO_TEST_CASE(short_ids_need_no_memory_of_their_own_and_sort_by_the_time) {
  test::FakeClock clock;
  const std::string first = new_short_id(clock);
  const std::string second = new_short_id(clock);
  BOOST_TEST(first.size() == 15U);
  BOOST_TEST(first != second);
  BOOST_TEST(first.capacity() == std::string().capacity());
  clock.advance(2s);
  BOOST_TEST(second < new_short_id(clock));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
