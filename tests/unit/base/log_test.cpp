#include "base/log.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace flowrra::log {
namespace {

struct Case {
  std::string text;
  std::string expected;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(log)

BOOST_AUTO_TEST_CASE(control_bytes_are_escaped_and_the_rest_is_left_alone) {
  const Case cases[] = {
      {"", ""},
      {"plain text, ünïcode 🚀", "plain text, ünïcode 🚀"},
      {"two\nlines\ttab", "two\\nlines\\ttab"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {std::string("nul\0", 4), "nul\\x00"},
      {"\x7f", "\\x7f"},
      {"\u0085\u009b31m\u00a0", "\\u0085\\u009b31m\u00a0"},
      {"\u2027\u2028\u2029\u202a\u202e\u202f", "\u2027\\u2028\\u2029\\u202a\\u202e\u202f"},
      {"\u2065\u2066\u2069\u206a", "\u2065\\u2066\\u2069\u206a"},
      {"no text: \x9b\xff \xe2\x80", "no text: \\x9b\\xff \\xe2\\x80"},
  };
  for (const Case& given : cases) BOOST_TEST(escaped(given.text) == given.expected);
}

BOOST_AUTO_TEST_CASE(json_is_escaped_without_changing_its_value) {
  BOOST_TEST(escaped_json("{\n \"a\": \"\u202eb\x7f\u009bü\\n\"}") == "{\n \"a\": \"\\u202eb\\u007f\\u009bü\\n\"}");
}

BOOST_AUTO_TEST_CASE(a_forged_line_stays_on_its_own_line) {
  BOOST_TEST(escaped("x\r\n2026-01-01 error forged").find_first_of("\r\n") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(levels_are_read_by_name) {
  BOOST_TEST((*parse_level("debug") == Level::debug));
  BOOST_TEST((*parse_level("off") == Level::off));
  for (const char* wrong : {"", "Debug", "warn", "verbose"}) {
    const auto refused = parse_level(wrong);
    BOOST_TEST(!refused.ok());
    BOOST_TEST((refused.error().code == Code::usage));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::log
