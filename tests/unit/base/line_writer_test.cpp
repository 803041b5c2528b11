#include "base/line_writer.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

#include "base/fd.hpp"

using flowrra::LineWriter;
using flowrra::UniqueFd;

namespace {

struct Pair {
  UniqueFd read;
  UniqueFd write;
};

Pair pipe_pair() {
  std::array<int, 2> fds{};
  BOOST_REQUIRE(pipe2(fds.data(), O_CLOEXEC) == 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Pair socket_pair() {
  std::array<int, 2> fds{};
  BOOST_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// All that is there to be read now.
std::string drained(const UniqueFd& fd) {
  fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  std::string out;
  std::array<char, 65536> part{};
  for (ssize_t got = 1; got > 0;) {
    got = ::read(fd.get(), part.data(), part.size());
    if (got > 0) out.append(part.data(), static_cast<std::size_t>(got));
  }
  return out;
}

std::string line_of(std::size_t size) { return std::string(size - 1, 'x') + "\n"; }

// More than a pipe or a socket holds; would never return if it waited for room.
void check_stalled_reader(const Pair& pair, std::size_t line_size) {
  constexpr int kLines = 20'000;
  LineWriter writer(pair.write.get());
  for (int i = 0; i < kLines; ++i) writer.write(line_of(line_size));
  const std::string first = drained(pair.read);
  const auto whole = static_cast<int>(first.size() / line_size);
  BOOST_TEST(whole > 0);
  BOOST_TEST(whole < kLines);
  writer.write("again\n");
  const std::string cut = first.size() % line_size == 0 ? "" : "\n";
  BOOST_TEST(drained(pair.read) ==
             cut + "... " + std::to_string(kLines - whole) + " lines were dropped: nobody read them\nagain\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(line_writer)

BOOST_AUTO_TEST_CASE(lines_arrive_as_they_are) {
  const Pair pair = pipe_pair();
  LineWriter writer(pair.write.get());
  writer.write("one\n");
  writer.write(line_of(20'000));
  BOOST_TEST(drained(pair.read) == "one\n" + line_of(20'000));
}

BOOST_AUTO_TEST_CASE(a_reader_that_stops_reading_holds_up_nobody_and_hears_what_it_missed) {
  for (const std::size_t size : {std::size_t{100}, std::size_t{10'000}}) {
    check_stalled_reader(pipe_pair(), size);
    check_stalled_reader(socket_pair(), size);
  }
}

BOOST_AUTO_TEST_CASE(without_a_reader_nothing_happens) {
  Pair pair = socket_pair();
  LineWriter writer(pair.write.get());
  pair.read.reset();
  writer.write("lost\n");
  writer.write("lost, too\n");
}

BOOST_AUTO_TEST_SUITE_END()
