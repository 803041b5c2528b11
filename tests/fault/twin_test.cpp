// Two plugins with the same symbols in one host: neither sees the other's state.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

BOOST_AUTO_TEST_CASE(plugins_with_the_same_inline_singletons_keep_each_its_own) {
  const Workplace workplace(
      {.plugins = {fixture("twin_one.so"), fixture("twin_two.so")}, .executor = "lease = 5.0\ncpu_workers = 1\n"});
  auto node = workplace.node();
  const auto count = [&](const char* task) { return workplace.ended(workplace.submit({task}))["result"]; };
  for (int i = 1; i <= 3; ++i) BOOST_TEST(count("twin_one.count") == Json({i, i, i}));
  for (int i = 1; i <= 2; ++i) BOOST_TEST(count("twin_two.count") == Json({i, i, i}));
  BOOST_TEST(count("twin_one.count") == Json({4, 4, 4}));
}
