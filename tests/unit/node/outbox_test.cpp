#include "node/outbox.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace flowrra;

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE(a_batch_is_bounded_in_number_and_in_bytes) {
  Loop loop;
  int told = 0;
  Outbox outbox(loop, system_clock(), "node", nullptr, [&told] { ++told; });
  const auto add = [&](int count, std::size_t bytes) {
    for (int i = 0; i < count; ++i) {
      Settlement end;
      end.lease.task = std::to_string(i);
      end.to = State::success;
      end.result = std::string(bytes, '1');
      outbox.add({}, std::move(end));
    }
  };
  const auto batch = [&outbox] {
    std::vector<Settlement> out;
    outbox.batch(100, out);
    outbox.settled();
    return out.size();
  };
  add(150, 10);
  BOOST_TEST(told == 150);
  BOOST_TEST(batch() == 100U);
  BOOST_TEST(batch() == 50U);
  add(70, std::size_t{1} << 20U);
  BOOST_TEST(batch() == 64U);
  BOOST_TEST(batch() == 6U);
  BOOST_TEST(batch() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
