#include "host/frame.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace flowrra;

namespace {

constexpr unsigned kSeed = 20260131;

using Seen = std::vector<std::pair<FrameType, std::string>>;

std::string random_text(std::mt19937& random, std::size_t most) {
  std::string text(random() % (most + 1), '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

void append_random(std::string& out, std::mt19937& random) {
  switch (random() % 7) {
    case 0:
      append(out, StartView{random(),
                            static_cast<std::int32_t>(random() % 9),
                            static_cast<std::int64_t>(random()),
                            {random(), static_cast<std::int64_t>(random()), random(), random(), random()},
                            random_text(random, 40),
                            random_text(random, 40),
                            random_text(random, 3000)});
      break;
    case 1:
      append(out, CancelFrame{random()});
      break;
    case 2:
      append(out, StopFrame{});
      break;
    case 3:
      append(out, ReadyFrame{{random_text(random, 20), random_text(random, 20)}, {{"a.so", random_text(random, 90)}}});
      break;
    case 4:
      append(out, FinishedFrame{random(), CallEnd::failure, random_text(random, 500), -1, 0.5, 77});
      break;
    case 5:
      append(out, ProgressFrame{random(), random_text(random, 60)});
      break;
    default:
      append(out, LogFrame{random(), 2, random_text(random, 60)});
      break;
  }
}

void read_all(FrameReader& reader, Seen& seen) {
  while (true) {
    const auto frame = reader.next();
    BOOST_REQUIRE(frame.ok());
    if (!frame->has_value()) return;
    seen.emplace_back((*frame)->type, std::string((*frame)->body));
  }
}

std::string body_of(const std::string& bytes) { return bytes.substr(5); }

}  // namespace

BOOST_AUTO_TEST_SUITE(frames)

BOOST_AUTO_TEST_CASE(every_frame_reads_back_as_it_was_written) {
  std::string bytes;
  append(bytes, StartView{1ULL << 63U, 3, 5'000'000, {1 << 20, 2, 3, 4, 5}, "id", "name", std::string_view("a\0b", 3)});
  const std::string body = body_of(bytes);
  const auto start = read_start(body);
  BOOST_REQUIRE(start.ok());
  BOOST_TEST(start->call == 1ULL << 63U);
  BOOST_TEST(start->attempt == 3);
  BOOST_TEST(start->timeout_us == 5'000'000);
  BOOST_TEST((start->limits == Limits{1 << 20, 2, 3, 4, 5}));
  BOOST_TEST(start->id == "id");
  BOOST_TEST(start->name == "name");
  BOOST_TEST(start->args == std::string("a\0b", 3));

  bytes.clear();
  append(bytes, FinishedFrame{9, CallEnd::permanent, "why", 1500, 0.25, 4096});
  const auto finished = read_finished(body_of(bytes));
  BOOST_REQUIRE(finished.ok());
  BOOST_TEST(finished->call == 9U);
  BOOST_TEST((finished->end == CallEnd::permanent));
  BOOST_TEST(finished->text == "why");
  BOOST_TEST(finished->retry_after_us == 1500);
  BOOST_TEST(finished->cpu_s == 0.25);
  BOOST_TEST(finished->max_rss == 4096U);

  bytes.clear();
  append(bytes, ReadyFrame{{"a", "b"}, {{"p.so", "bad"}}});
  const auto ready = read_ready(body_of(bytes));
  BOOST_REQUIRE(ready.ok());
  BOOST_TEST(ready->tasks == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
  BOOST_REQUIRE(ready->refused.size() == 1U);
  BOOST_TEST(ready->refused[0].plugin == "p.so");
  BOOST_TEST(ready->refused[0].reason == "bad");

  bytes.clear();
  append(bytes, CancelFrame{12});
  BOOST_TEST(read_cancel(body_of(bytes))->call == 12U);
  BOOST_TEST(!read_cancel(body_of(bytes))->unless_begun);
  bytes.clear();
  append(bytes, CancelFrame{12, true});
  BOOST_TEST(read_cancel(body_of(bytes))->unless_begun);
  bytes.clear();
  append(bytes, ProgressFrame{13, "{}"});
  BOOST_TEST(read_progress(body_of(bytes))->progress == "{}");
  bytes.clear();
  append(bytes, LogFrame{14, 3, "line"});
  BOOST_TEST(read_log(body_of(bytes))->text == "line");
  BOOST_TEST(read_log(body_of(bytes))->level == 3U);
}

BOOST_AUTO_TEST_CASE(any_split_of_a_stream_reads_the_same) {
  std::mt19937 random(kSeed);
  for (int round = 0; round < 200; ++round) {
    std::string stream;
    const std::size_t count = 1 + random() % 20;
    for (std::size_t i = 0; i < count; ++i) append_random(stream, random);
    Seen whole;
    FrameReader at_once;
    at_once.feed(stream);
    read_all(at_once, whole);
    BOOST_REQUIRE(whole.size() == count);
    Seen parts;
    FrameReader reader;
    const std::size_t most = 1 + random() % 900;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = std::min(stream.size() - at, 1 + random() % most);
      reader.feed(std::string_view(stream).substr(at, size));
      at += size;
      if (random() % 3 != 0) read_all(reader, parts);
    }
    read_all(reader, parts);
    BOOST_TEST(!reader.midway());
    BOOST_REQUIRE((parts == whole));
  }
}

BOOST_AUTO_TEST_CASE(a_cut_stream_is_midway) {
  std::string bytes;
  append(bytes, CancelFrame{1});
  FrameReader reader;
  reader.feed(std::string_view(bytes).substr(0, bytes.size() - 1));
  const auto frame = reader.next();
  BOOST_TEST(frame.ok());
  BOOST_TEST(reader.midway());
}

BOOST_AUTO_TEST_CASE(lengths_and_types_that_cannot_be_are_refused) {
  for (const std::string& bytes :
       {std::string(4, '\0'), std::string("\xff\xff\xff\xff\x01", 5), std::string("\x01\0\0\0\x09", 5)}) {
    FrameReader reader;
    reader.feed(bytes);
    const auto frame = reader.next();
    BOOST_REQUIRE(!frame.ok());
    BOOST_TEST((frame.error().code == Code::corrupt));
  }
}

BOOST_AUTO_TEST_CASE(a_body_of_any_other_length_is_refused) {
  std::string bytes;
  append(bytes, StartView{1, 1, 0, {}, "id", "name", "args"});
  const std::string body = body_of(bytes);
  for (std::size_t size = 0; size < body.size(); ++size) BOOST_TEST(!read_start(body.substr(0, size)).ok());
  BOOST_TEST(!read_start(body + "x").ok());
  BOOST_TEST(!read_cancel("1234567").ok());
}

BOOST_AUTO_TEST_CASE(garbage_never_reads_past_its_end) {
  std::mt19937 random(kSeed);
  for (int round = 0; round < 5000; ++round) {
    const std::string garbage = random_text(random, 120);
    [[maybe_unused]] const bool any = read_start(garbage).ok() || read_ready(garbage).ok() ||
                                      read_finished(garbage).ok() || read_progress(garbage).ok() ||
                                      read_log(garbage).ok() || read_cancel(garbage).ok();
    FrameReader reader;
    reader.feed(garbage);
    for (int i = 0; i < 200; ++i) {
      const auto frame = reader.next();
      if (!frame || !frame->has_value()) break;
    }
  }
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_SUITE_END()
