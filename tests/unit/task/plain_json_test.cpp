#include "task/plain_json.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

using flowrra::plainly_json;

BOOST_AUTO_TEST_SUITE(plain_json)

BOOST_AUTO_TEST_CASE(what_programs_write_is_seen_to_be_json) {
  for (const char* text : {"null", " true ", "false", "0", "-12.50", "\"a\\\"b\\n\"", "[]", "{}", "[ 1 , [2,{}] ]",
                           R"({"a": [1, -0.5, "x"], "b": {"c": null}})", "\t[\r\n]\n"}) {
    BOOST_TEST(plainly_json(text, 3), text);
  }
}

BOOST_AUTO_TEST_CASE(levels_are_counted) {
  BOOST_TEST(plainly_json("[[1]]", 2));
  BOOST_TEST(!plainly_json("[[1]]", 1));
  BOOST_TEST(!plainly_json(R"({"a":[]})", 1));
  BOOST_TEST(plainly_json("1", 0));
}

BOOST_AUTO_TEST_CASE(what_needs_a_closer_look_is_left_to_a_parser) {
  for (const char* text : {"1e5", "1E999", "\"\\u0041\"", "\"\xc3\xa4\"", "\xef\xbb\xbf[]"}) {
    BOOST_TEST(!plainly_json(text, 9), text);
  }
  BOOST_TEST(!plainly_json(std::string(400, '9'), 9));
}

BOOST_AUTO_TEST_CASE(nothing_else_is_taken_for_json) {
  for (const char* text :
       {"",         " ",          "[",   "]",  "[1,]", "[,1]", "[1 2]",   "{",      "{1:2}", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{,}", "01", "-",    "+1",   ".5",      "1.",     "--1",   "nul",
        "nulll",    "truefalse",  "'a'", "\"", "\"a",  "\"\\", "\"\\x\"", "\"\n\"", "1 1"}) {
    BOOST_TEST(!plainly_json(text, 9), text);
  }
  BOOST_TEST(!plainly_json(std::string("[1]\0", 4), 9));
}

// Texts near JSON, by chance: a parser accepts whatever was taken for JSON.
BOOST_AUTO_TEST_CASE(a_parser_agrees_with_every_yes) {
  std::mt19937 random(7);
  const std::string seed = R"({"a":[1,-2.5,"x\n\"y"],"b":{"c":null,"d":[true,false,{}]}, "e" : [ ] })";
  const std::string bytes = "{}[]\",:\\ntrue0129.-+eE \t\x01\x7f";
  int yes = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = seed;
    for (auto changes = random() % 3 + 1; changes > 0; --changes) {
      const auto at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = bytes[random() % bytes.size()];
          break;
        case 1:
          text.erase(at, random() % 9);
          break;
        default:
          text.insert(at, 1, bytes[random() % bytes.size()]);
      }
      if (text.empty()) text = "[";
    }
    if (!plainly_json(text, 64)) continue;
    ++yes;
    BOOST_TEST_REQUIRE(nlohmann::json::accept(text), text);
  }
  BOOST_TEST(yes > 1000);
}

BOOST_AUTO_TEST_SUITE_END()
