#include "store/fair_share.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

namespace flowrra {
namespace {

// The turns of queues 'a', 'b', … that always have something, as one word.
std::string turns(FairShare& share, int count, const std::string& empty = "") {
  std::string out;
  for (int i = 0; i < count; ++i) {
    const auto turn =
        share.next([&](std::size_t queue) { return empty.find(static_cast<char>('a' + queue)) == std::string::npos; });
    out += turn ? static_cast<char>('a' + *turn) : '-';
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fair_share)

BOOST_AUTO_TEST_CASE(turns_are_spread_smoothly_by_weight) {
  FairShare share({5, 1, 1}, {});
  BOOST_TEST(turns(share, 14) == "aabacaaaabacaa");
}

BOOST_AUTO_TEST_CASE(credits_carry_on_from_one_claim_to_the_next) {
  FairShare whole({3, 2}, {});
  const std::string expected = turns(whole, 20);
  std::string pieces;
  std::vector<int> credits;
  for (int claim = 0; claim < 20; ++claim) {
    FairShare piece({3, 2}, credits);
    pieces += turns(piece, 1);
    credits = piece.credits();
  }
  BOOST_TEST(pieces == expected);
}

BOOST_AUTO_TEST_CASE(what_has_nothing_saves_no_turns_and_the_others_share_them_by_weight) {
  FairShare share({100, 2, 1}, {});
  const std::string without = turns(share, 30, "a");
  BOOST_TEST(std::count(without.begin(), without.end(), 'b') == 20);
  BOOST_TEST(std::count(without.begin(), without.end(), 'c') == 10);
  const std::string with = turns(share, 103);
  BOOST_TEST(std::count(with.begin(), with.end(), 'a') == 100);
}

BOOST_AUTO_TEST_CASE(nobody_waits_longer_than_its_share) {
  FairShare share({1000, 1}, {});
  const std::string all = turns(share, 3003);
  BOOST_TEST(std::count(all.begin(), all.end(), 'b') == 3);
}

BOOST_AUTO_TEST_CASE(it_is_nobodys_turn_where_nothing_is) {
  FairShare share({1, 2}, {});
  BOOST_TEST(turns(share, 2, "ab") == "--");
  BOOST_TEST((share.credits() == std::vector<int>{0, 0}));
  BOOST_TEST(!is_shared({}, 2));
  BOOST_TEST(!is_shared({1}, 2));
  BOOST_TEST(is_shared({1, 2}, 2));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
