#include "store/redis/counts.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace flowrra;
using flowrra::redis::CountSums;

namespace {

std::string told(const CountSums& counts) {
  std::string out;
  for (const StateCount& each : counts.sums()) {
    out += each.queue + " " + each.name + " " + std::string(name(each.state)) + " " + std::to_string(each.count) + "\n";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_counts)

BOOST_AUTO_TEST_CASE(what_came_less_what_went_is_there) {
  CountSums counts;
  counts.add("default:text.add:1", 10);
  counts.add("default:text.add:12", 7);  // pending to running
  counts.add("default:text.add:24", 4);  // running to success
  counts.add("default:text.add:2", -1);  // one that ran was taken out otherwise,
  counts.add("default:text.add:5", 1);   // and failed
  BOOST_TEST(told(counts) ==
             "default text.add pending 3\ndefault text.add running 2\ndefault text.add success 4\n"
             "default text.add failed 1\n");
}

BOOST_AUTO_TEST_CASE(lanes_are_apart_and_what_is_none_is_not_told) {
  CountSums counts;
  counts.add("side:text.add@1f3c9a2b:1", 2);
  counts.add("side:text.add@1f3c9a2b:12", 2);
  counts.add("default:text.add:1", 1);
  BOOST_TEST(told(counts) == "default text.add pending 1\nside text.add@1f3c9a2b running 2\n");
}

BOOST_AUTO_TEST_CASE(fields_that_are_none_are_passed_over) {
  CountSums counts;
  for (const char* field : {"", ":", "::", "a:1", "a:b", "a:b:", "a:b:8", "a:b:19", "a:b:91", "a:b:123", "a:b:x"}) {
    counts.add(field, 5);
  }
  BOOST_TEST(told(counts).empty());
}

BOOST_AUTO_TEST_SUITE_END()
