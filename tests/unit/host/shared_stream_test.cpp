#include "host/shared_stream.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <string>
#include <thread>

#include "host/page.hpp"
#include "support/must.hpp"

using namespace flowrra;

namespace {

std::string frame(std::uint64_t call, std::size_t size) {
  std::string out;
  append(out, LogFrame{call, 1, std::string(size, static_cast<char>('a' + call % 26))});
  return out;
}

// Both ends of the bell.
struct Bell {
  Bell() {
    int ends[2];
    BOOST_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    node.reset(ends[0]);
    host.reset(ends[1]);
  }
  UniqueFd node, host;
};

// A stream and both of its ends.
struct Bench {
  [[nodiscard]] int rings() const {
    int waiting = 0;
    ioctl(bell.node.get(), FIONREAD, &waiting);
    return waiting;
  }
  // Sleeps until the bell is heard, then looks.
  bool wait_and_read() {
    char bytes[16];
    return recv(bell.node.get(), bytes, sizeof bytes, 0) > 0 && reader.read(frames);
  }
  // The call of the next frame; 0: there is none yet.
  std::uint64_t next() {
    const auto got = test::must(frames.next());
    return got ? test::must(read_log(got->body)).call : 0;
  }

  PageMap map = test::must(PageMap::create());
  SharedStream& stream = map.page().stream;
  Bell bell;
  StreamWriter writer{stream, bell.host.get()};
  StreamReader reader{stream};
  FrameReader frames;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shared_stream)

BOOST_AUTO_TEST_CASE(the_bell_rings_once_until_the_node_looks) {
  Bench bench;
  for (std::uint64_t call = 1; call <= 100; ++call) BOOST_TEST(bench.writer.write(frame(call, 20)));
  BOOST_TEST(bench.rings() == 1);
  BOOST_TEST(bench.wait_and_read());
  for (std::uint64_t call = 1; call <= 100; ++call) BOOST_TEST(bench.next() == call);
  BOOST_TEST(bench.next() == 0U);
  BOOST_TEST(bench.writer.write(frame(101, 20)));
  BOOST_TEST(bench.rings() == 1);
}

BOOST_AUTO_TEST_CASE(frames_of_all_sizes_come_in_order_also_those_that_are_larger_than_the_stream) {
  Bench bench;
  constexpr std::uint64_t kFrames = 3000;
  std::jthread host([&] {
    for (std::uint64_t call = 1; call <= kFrames; ++call) {
      const std::size_t size = call % 500 == 0 ? 300'000 : call * 7919 % 2000;
      if (!bench.writer.write(frame(call, size))) return;
    }
  });
  std::uint64_t last = 0;
  while (last < kFrames) {
    BOOST_REQUIRE(bench.wait_and_read());
    while (const std::uint64_t call = bench.next()) BOOST_REQUIRE(call == ++last);
  }
}

BOOST_AUTO_TEST_CASE(threads_do_not_mix_their_frames) {
  Bench bench;
  constexpr int kEach = 500;
  const auto speak = [&](std::uint64_t call) {
    for (int i = 0; i < kEach; ++i)
      if (!bench.writer.write(frame(call, 1000))) return;
  };
  std::jthread one([&] { speak(1); });
  std::jthread other([&] { speak(2); });
  for (int left = 2 * kEach; left > 0;) {
    BOOST_REQUIRE(bench.wait_and_read());
    while (bench.next() != 0) --left;
  }
}

BOOST_AUTO_TEST_CASE(what_was_written_outlives_who_wrote_it) {
  Bench bench;
  const pid_t host = fork();
  if (host == 0) {
    bench.writer.write(frame(1, 100));
    bench.writer.write(frame(2, 100));
    kill(getpid(), SIGKILL);
  }
  BOOST_REQUIRE(waitpid(host, nullptr, 0) == host);
  BOOST_TEST(bench.reader.read(bench.frames));
  BOOST_TEST(bench.next() == 1U);
  BOOST_TEST(bench.next() == 2U);
  BOOST_TEST(bench.next() == 0U);
}

BOOST_AUTO_TEST_CASE(who_dies_as_it_writes_keeps_nobody_else_from_it) {
  Bench bench;
  const pid_t forked = fork();
  if (forked == 0) {
    pthread_mutex_lock(&bench.stream.lock);
    kill(getpid(), SIGKILL);
  }
  BOOST_REQUIRE(waitpid(forked, nullptr, 0) == forked);
  BOOST_TEST(bench.writer.write(frame(1, 100)));
  BOOST_TEST(bench.reader.read(bench.frames));
  BOOST_TEST(bench.next() == 1U);
}

BOOST_AUTO_TEST_CASE(a_stream_that_says_what_cannot_be_is_refused) {
  for (const std::uint64_t written : {~0ULL, 1ULL << 40, SharedStream::kSize + 1ULL, 0ULL}) {
    Bench bench;
    BOOST_REQUIRE(bench.writer.write(frame(1, 100)));
    BOOST_REQUIRE(bench.reader.read(bench.frames));
    bench.stream.written = written == SharedStream::kSize + 1 ? bench.stream.written + written : written;
    BOOST_TEST(!bench.reader.read(bench.frames));
  }
}

BOOST_AUTO_TEST_CASE(a_node_reads_on_whatever_was_written_over_the_rest) {
  Bench bench;
  BOOST_TEST(bench.writer.write(frame(1, 100)));
  const std::uint64_t written = bench.stream.written;
  std::memset(static_cast<void*>(&bench.stream), 0xFF, sizeof bench.stream);
  bench.stream.written = written;
  BOOST_TEST(bench.reader.read(bench.frames));
  BOOST_TEST(!bench.frames.next().ok());
}

BOOST_AUTO_TEST_CASE(a_writer_does_not_wait_for_room_that_cannot_be) {
  Bench bench;
  bench.stream.read = 1000;
  BOOST_TEST(!bench.writer.write(frame(1, 100)));
}

BOOST_AUTO_TEST_CASE(a_bell_that_was_written_over_still_rings) {
  Bench bench;
  bench.stream.rung = ~0U;
  BOOST_TEST(bench.writer.write(frame(1, 100)));
  BOOST_TEST(bench.rings() == 1);
}

BOOST_AUTO_TEST_CASE(a_node_that_is_gone_is_told_to_the_writer) {
  Bench bench;
  bench.bell.node.reset();
  BOOST_TEST(!bench.writer.write(frame(1, 100)));
}

BOOST_AUTO_TEST_SUITE_END()
