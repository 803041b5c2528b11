#include "base/result.hpp"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <set>

namespace flowrra {

BOOST_AUTO_TEST_SUITE(result)

BOOST_AUTO_TEST_CASE(a_result_holds_its_value_or_its_error) {
  const Result<int> good = 7;
  BOOST_TEST(good.ok());
  BOOST_TEST(*good == 7);
  const Result<int> bad = Error{Code::busy, "locked", "wait"};
  BOOST_TEST(!bad.ok());
  BOOST_TEST((bad.error().code == Code::busy));
}

BOOST_AUTO_TEST_CASE(a_status_is_good_unless_it_holds_an_error) {
  BOOST_TEST(Status().ok());
  BOOST_TEST(!Status(Error{Code::internal, "x", ""}).ok());
}

BOOST_AUTO_TEST_CASE(values_that_only_move_pass_through) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  const std::unique_ptr<int> out = *std::move(result);
  BOOST_TEST(*out == 3);
}

BOOST_AUTO_TEST_CASE(context_goes_in_front_and_the_rest_stays) {
  const Error error = Error{Code::corrupt, "bad page", "restore"}.in("take").in("node");
  BOOST_TEST(error.message == "node: take: bad page");
  BOOST_TEST((error.code == Code::corrupt));
  BOOST_TEST(error.hint == "restore");
}

BOOST_AUTO_TEST_CASE(every_code_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  const int count = static_cast<int>(Code::cancelled) + 1;
  for (int i = 0; i < count; ++i) names.insert(name(static_cast<Code>(i)));
  BOOST_TEST(names.size() == static_cast<std::size_t>(count));
  BOOST_TEST(name(Code::queue_full) == "queue_full");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
