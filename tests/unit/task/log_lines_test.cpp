// How a task's log is kept: JSON lines, the last of them.

#include "task/log_lines.hpp"

#include <boost/test/unit_test.hpp>

namespace flowrra::test {

namespace {

LogLine line(std::string message) { return {wall_from_micros(1'700'000'000'000'001), 2, "info", std::move(message)}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(log_lines)

BOOST_AUTO_TEST_CASE(a_line_is_read_as_it_was_written) {
  const std::string text = to_json_line(line("a \"b\"\n\x1b[31m ü"));
  BOOST_TEST(text.find('\n') == text.size() - 1);
  const TaskLog log = parse_log(text + text);
  BOOST_REQUIRE_EQUAL(log.lines.size(), 2);
  BOOST_TEST((log.lines[1] == line("a \"b\"\n\x1b[31m ü")));
  BOOST_TEST(log.dropped == 0);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_and_endless_lines_are_bounded) {
  const std::string text = to_json_line(line("\xff\xfe" + std::string(100'000, 'x')));
  BOOST_TEST(text.size() < kMaxLogMessage + 200);
  BOOST_TEST(parse_log(text).lines.front().message.starts_with("\xEF\xBF\xBD\xEF\xBF\xBDxxx"));
}

BOOST_AUTO_TEST_CASE(what_is_no_line_is_left_out) {
  const TaskLog log = parse_log("garbage\n[1]\n{\"message\":7}\n" + to_json_line(line("good")) + "{\"at\":");
  BOOST_REQUIRE_EQUAL(log.lines.size(), 2);
  BOOST_TEST(log.lines[0].message.empty());
  BOOST_TEST(log.lines[1].message == "good");
  BOOST_TEST(parse_log("").lines.empty());
  BOOST_TEST(parse_log("{\"dropped\":").lines.empty());
}

BOOST_AUTO_TEST_CASE(a_long_log_keeps_its_end_and_counts_what_is_gone) {
  std::string log;
  int written = 0;
  for (; written < 3000; ++written) log = appended_log(log, to_json_line(line("number " + std::to_string(written))));
  BOOST_TEST(log.size() <= kMaxLog + 40);
  const TaskLog read = parse_log(log);
  BOOST_TEST(read.lines.back().message == "number 2999");
  BOOST_TEST(read.dropped + read.lines.size() == 3000);
  BOOST_TEST(read.lines.size() > 500);
}

BOOST_AUTO_TEST_CASE(a_tail_is_bounded_and_says_what_it_lost) {
  LogTail tail;
  BOOST_TEST(tail.take().empty());
  for (int i = 0; i < 3000; ++i) tail.add(to_json_line(line("number " + std::to_string(i))));
  const TaskLog read = parse_log(tail.take());
  BOOST_TEST(read.dropped + read.lines.size() == 3000);
  BOOST_TEST(read.lines.back().message == "number 2999");
  BOOST_TEST(tail.empty());
  tail.add(to_json_line(line("new")));
  const TaskLog both = parse_log(appended_log("{\"dropped\":2}\n" + to_json_line(line("old")), tail.take()));
  BOOST_TEST(both.dropped == 2);
  BOOST_TEST(both.lines.size() == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
