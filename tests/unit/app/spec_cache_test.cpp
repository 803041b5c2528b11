#include "app/spec_cache.hpp"

#include <boost/test/unit_test.hpp>

#include "support/fake_clock.hpp"

namespace flowrra::test {

BOOST_AUTO_TEST_SUITE(spec_cache)

BOOST_AUTO_TEST_CASE(a_definition_is_known_for_a_second_and_the_newest_counts) {
  FakeClock clock;
  SpecCache cache(clock);
  BOOST_TEST(!cache.find("text.add"));
  TaskSpec spec;
  spec.name = "text.add";
  spec.doc = "first";
  cache.keep(spec);
  clock.advance(std::chrono::milliseconds(999));
  BOOST_REQUIRE(cache.find("text.add"));
  BOOST_TEST(cache.find("text.add")->spec.doc == "first");
  BOOST_TEST(!cache.find("text.ad"));
  clock.advance(std::chrono::milliseconds(1));
  BOOST_TEST(!cache.find("text.add"));
  spec.doc = "second";
  cache.keep(spec);
  BOOST_TEST(cache.find("text.add")->spec.doc == "second");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
