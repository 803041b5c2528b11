#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "store/redis/reply.hpp"

using namespace flowrra::redis;

namespace {

std::string shown(ReplyView view) {
  if (view.is_nil()) return "nil";
  if (!view.is_array())
    return (view.is_error() ? "!" : "") + std::string(view.text()) + "/" + std::to_string(view.number());
  std::string out = "[";
  for (std::size_t i = 0; i < view.size(); ++i) out += shown(view[i]) + " ";
  return out + "]";
}

struct Read {
  std::vector<std::string> answers;
  bool broken = false;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view bytes, std::size_t piece) {
  Read out;
  ReplyReader reader;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (const auto reply = reader.next()) out.answers.push_back(shown(reply->view()));
  }
  out.broken = !reader.broken().empty();
  return out;
}

bool breaks(const std::string& bytes) {
  const std::size_t piece = bytes.size() < 1000 ? 1 : 1000;
  return read(bytes, bytes.size()).broken && read(bytes, piece).broken;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_reply_reader)

BOOST_AUTO_TEST_CASE(answers_are_the_same_however_the_stream_is_cut) {
  const std::string stream =
      "+OK\r\n:-42\r\n$5\r\nhel\r\n\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n-ERR no\r\n"
      "*3\r\n:1\r\n*2\r\n$2\r\n17\r\n$-1\r\n-WRONG x\r\n+\r\n" +
      std::string("$3000\r\n") + std::string(3000, 'x') + "\r\n:7\r\n";
  const Read whole = read(stream, stream.size());
  BOOST_TEST(!whole.broken);
  BOOST_TEST_REQUIRE(whole.answers.size() == 12U);
  BOOST_TEST(whole.answers[1] == "/-42");
  BOOST_TEST(whole.answers[2] == "hel\r\n/0");
  BOOST_TEST(whole.answers[8] == "[/1 [17/17 nil ] !WRONG x/0 ]");
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 16U, 1000U}) {
    BOOST_TEST_CONTEXT(piece) BOOST_TEST((read(stream, piece) == whole));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_answer_breaks_the_stream) {
  for (const std::string bytes : {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "x", ":1x\r\n", ":\r\n", "$-2\r\n", "*-2\r\n",
                                  "$x\r\n", "*1\r\nq", "%1\r\n", "$ 1\r\n", "*99999999999999999999\r\n"}) {
    BOOST_TEST(breaks(bytes), bytes);
  }
  BOOST_TEST(breaks("+OK\r\nx"));
  BOOST_TEST(read("+OK\r\nx", 6).answers.size() == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_is_read_after_the_stream_broke) {
  ReplyReader reader;
  reader.feed("x");
  BOOST_TEST(!reader.next());
  reader.feed("+OK\r\n");
  BOOST_TEST(!reader.next());
  BOOST_TEST(!reader.broken().empty());
}

BOOST_AUTO_TEST_CASE(an_array_that_claims_to_be_endless_is_refused_before_memory_is_taken) {
  BOOST_TEST(breaks("*2147483647\r\n"));
  BOOST_TEST(breaks("*1\r\n*2147483647\r\n"));
  BOOST_TEST(breaks("*4194305\r\n"));
  BOOST_TEST(!read("*4194304\r\n", 100).broken);
}

BOOST_AUTO_TEST_CASE(arrays_within_arrays_have_a_bound) {
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "*1\r\n";
  BOOST_TEST(breaks(nested));
  BOOST_TEST(!read("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", 100).broken);
}

BOOST_AUTO_TEST_CASE(a_string_that_claims_to_be_endless_is_refused_at_once) {
  BOOST_TEST(breaks("$1073741825\r\n"));
  BOOST_TEST(breaks("$9223372036854775807\r\n"));
  BOOST_TEST(!read("$1073741824\r\n", 100).broken);
}

BOOST_AUTO_TEST_CASE(a_line_without_an_end_is_refused) {
  BOOST_TEST(breaks("$" + std::string(100, '1')));
  BOOST_TEST(breaks("*" + std::string(100, '1')));
  BOOST_TEST(breaks("+" + std::string(65538, 'x')));
  BOOST_TEST(breaks("+" + std::string(65537, 'x') + "\r\n"));
  const std::string longest = "-" + std::string(65536, 'x') + "\r\n";
  BOOST_TEST((read(longest, 1000) == read(longest, longest.size())));
  BOOST_TEST(!read(longest, 1000).broken);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_reads_as_nothing) {
  ReplyReader reader;
  reader.feed("*1\r\n$1\r\nx\r\n");
  const auto reply = reader.next();
  BOOST_TEST_REQUIRE(reply.has_value());
  BOOST_TEST(reply->view()[1].is_nil());
  BOOST_TEST(reply->view()[7][7].text().empty());
  BOOST_TEST(reply->view()[0].size() == 0U);
  BOOST_TEST(reply->view()[0].number() == 0);
  BOOST_TEST(reply->view().text().empty());
}

BOOST_AUTO_TEST_SUITE_END()
