#include "executor/output_lines.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>

#include "host/output_mark.hpp"

namespace flowrra {

inline std::ostream& operator<<(std::ostream& out, const OutputLine& line) {
  return out << line.call << ": " << line.text;
}

namespace {

using Lines = std::vector<OutputLine>;

struct Read {
  std::string bytes;
  std::uint64_t before;
  std::uint64_t after;
  bool all;
  Lines expected;
};

void check(const std::vector<Read>& reads) {
  OutputLines lines;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    BOOST_TEST_CONTEXT("read " << i) {
      const Lines got = lines.feed(reads[i].bytes, reads[i].before, reads[i].after, reads[i].all);
      BOOST_TEST(got == reads[i].expected, boost::test_tools::per_element());
    }
  }
}

std::string m(std::uint64_t call) { return output_mark(call); }

}  // namespace

BOOST_AUTO_TEST_SUITE(output_lines)

BOOST_AUTO_TEST_CASE(a_running_call_owns_its_whole_lines_at_once) {
  check({{"one\ntw", 1, 1, true, {{1, "one"}}}, {"o\n\n", 1, 1, true, {{1, "two"}, {1, ""}}}});
}

BOOST_AUTO_TEST_CASE(a_mark_ends_an_unfinished_line) {
  check({{"one" + m(1) + "two\nthree" + m(2) + "fo", 3, 3, true, {{1, "one"}, {2, "two"}, {2, "three"}}},
         {"ur\n", 3, 3, true, {{3, "four"}}}});
}

BOOST_AUTO_TEST_CASE(what_was_read_while_calls_changed_waits_for_its_mark) {
  check({{"first\n", 1, 2, true, {}}, {m(1) + "second\n", 2, 2, true, {{1, "first"}, {2, "second"}}}});
}

BOOST_AUTO_TEST_CASE(what_was_read_while_calls_changed_is_the_later_ones_when_no_mark_follows) {
  check({{"second\n", 1, 2, true, {}}, {"", 2, 2, true, {{2, "second"}}}});
}

BOOST_AUTO_TEST_CASE(nothing_is_said_of_a_part_of_what_was_in_the_pipe) {
  check({{"of the call before\n", 2, 2, false, {}},
         {m(1) + "of this\n", 2, 2, true, {{1, "of the call before"}, {2, "of this"}}}});
}

BOOST_AUTO_TEST_CASE(a_silent_call_between_gets_nothing) {
  check({{"a\n" + m(1), 3, 3, true, {{1, "a"}}}, {"c\n", 3, 3, true, {{3, "c"}}}, {m(2), 3, 3, true, {}}});
}

BOOST_AUTO_TEST_CASE(a_mark_may_come_in_pieces_wherever_it_is_cut) {
  const std::string all = "a\n" + m(10) + "b\n";  // the number has the byte of a line feed
  for (std::size_t cut = 2; cut < 2 + kMarkSize; ++cut) {
    OutputLines lines;
    Lines got = lines.feed(all.substr(0, cut), 10, 10, true);
    for (const OutputLine& line : lines.feed(all.substr(cut), 11, 11, true)) got.push_back(line);
    const Lines expected{{10, "a"}, {11, "b"}};
    BOOST_TEST(got == expected, boost::test_tools::per_element());
    BOOST_TEST(lines.last_mark() == 10U);
  }
}

BOOST_AUTO_TEST_CASE(a_long_line_is_cut) {
  const std::string piece(OutputLines::kMaxLine, 'x');
  check({{piece + piece + "y\n", 1, 1, true, {{1, piece}, {1, piece}, {1, "y"}}},
         {piece + "\n", 1, 1, true, {{1, piece}}}});
}

BOOST_AUTO_TEST_CASE(what_is_held_is_bounded) {
  OutputLines lines;
  const std::string piece(OutputLines::kMaxLine - 1, 'x');
  std::size_t given = 0;
  for (std::uint64_t call = 1; call <= 100; ++call) given += lines.feed(piece + "\n", call, call + 1, true).size();
  BOOST_TEST(given > 0U);
}

BOOST_AUTO_TEST_CASE(the_rest_of_a_dead_host_is_the_last_calls) {
  OutputLines lines;
  BOOST_TEST(lines.feed("one\ntwo", 4, 5, true).empty());
  const Lines expected{{5, "one"}, {5, "two"}};
  BOOST_TEST(lines.end(5) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
