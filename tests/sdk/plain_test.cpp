// Arguments that are read without a parser are those that the parser would give.

#include "flowrra/plain.hpp"

#include <random>

#include "sdk/support.hpp"

BOOST_AUTO_TEST_SUITE(plain)

namespace {

using flowrra::sdk::detail::Json;
using flowrra::sdk::detail::PlainReader;

std::optional<Json> plainly(std::string_view text) { return PlainReader(text).whole(); }

bool same(const Json& a, const Json& b) {
  if (a.type() != b.type() || a != b) return false;
  if (!a.is_structured()) return true;
  return std::equal(a.begin(), a.end(), b.begin(), same);
}

// As the parser says it, types and all.
bool agrees(std::string_view text) {
  const auto plain = plainly(text);
  return !plain || same(*plain, Json::parse(text, nullptr, false));
}

}  // namespace

BOOST_AUTO_TEST_CASE(most_arguments_are_plain) {
  for (const char* text :
       {"[]", "{}", " [ ] ", "[1]", "[0]", "[-0]", R"([-17,"a b",true,false,null])", R"([""])", R"({"a":1})",
        R"({ "name" : "World" , "times" : 3 })", "[999999999999999999,-999999999999999999]", R"({"a":1,"a":null})",
        R"({"a":[1],"a":2})", R"({"a":1,"a":[]})", "\t[1\n,\r2]", "[4.5,-0.0,0.1,123456789.123456789,-7.250]",
        "[9007199254740993.0,0.12345678901234567]", R"([[1,[2]],{"a":{"b":[]}}])", "[[[[[[[[]]]]]]]]"}) {
    BOOST_TEST(plainly(text).has_value(), text);
    BOOST_TEST(agrees(text), text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_is_left_to_the_parser) {
  for (const char* text : {"",
                           " ",
                           "1",
                           R"("a")",
                           "null",
                           "[1e3]",
                           "[1.5e3]",
                           "[01]",
                           "[-01]",
                           "[-]",
                           "[-true]",
                           "[--1]",
                           "[+1]",
                           "[.5]",
                           "[1.]",
                           "[-.5]",
                           "[1..5]",
                           "[1.5.5]",
                           "[00.5]",
                           "[1000000000000000000]",
                           "[18446744073709551615]",
                           "[12345678901.23456789]",
                           R"(["\n"])",
                           "[\"\xc3\xa4\"]",
                           "[\"a\nb\"]",
                           "[\"\x7f\"]",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "[1",
                           "[1]]",
                           "[1] 2",
                           R"({"a"})",
                           R"({"a":})",
                           "{a:1}",
                           "{1:1}",
                           R"({"a":1,})",
                           R"({"a" 1})",
                           R"(["a])",
                           R"(["…1])",
                           "[tru]",
                           "[nulll]",
                           "[TRUE]",
                           "{]",
                           "[}",
                           "[[}]",
                           R"({"a":{])",
                           R"({"\u0041":1})",
                           "\xef\xbb\xbf[1]",
                           "[//\n1]",
                           "[[[[[[[[[]]]]]]]]]"}) {
    BOOST_TEST(!plainly(text).has_value(), text);
  }
  BOOST_TEST(!plainly(std::string_view("[1]\0", 4)).has_value());
  BOOST_TEST(!plainly(std::string_view("[\"a\0\"]", 6)).has_value());
  BOOST_TEST(!plainly("[\"" + std::string(5000, 'a') + "\"]").has_value());
}

BOOST_AUTO_TEST_CASE(whatever_a_text_is_both_say_the_same) {
  constexpr std::string_view kAlphabet = "[]{}\",:0123456789-+.eE \t\n\\tfnruals\x7f\x80\xc3";
  const std::vector<std::string> seeds = {R"([1,-20,"abc",true,false,null,4.25])",
                                          R"({"a":1,"b":["two"],"c":{"d":false},"a":-3.5})"};
  std::mt19937 random(1);
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  int plain = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seeds[below(seeds.size())];
    for (std::size_t changes = below(4); changes > 0; --changes) {
      const std::size_t at = below(text.size());
      const char c = kAlphabet[below(kAlphabet.size())];
      switch (below(3)) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        default:
          text.erase(at, 1 + below(3));
          if (text.empty()) text = c;
      }
    }
    BOOST_REQUIRE_MESSAGE(agrees(text), text);
    plain += plainly(text).has_value() ? 1 : 0;
  }
  BOOST_TEST(plain > 5'000);  // what was not changed, at least
  BOOST_TEST(plain < 15'000);
}

BOOST_AUTO_TEST_SUITE_END()
