#include "host/cost.hpp"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

using flowrra::BootTime;
using flowrra::Cost;
using flowrra::CostMeter;
using flowrra::Micros;

namespace {

double used() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(now.ru_utime) + seconds(now.ru_stime);
}

void work(double seconds) {
  for (const double begin = used(); used() - begin < seconds;) {
  }
}

void* have(std::size_t bytes) {
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  BOOST_REQUIRE(memory != MAP_FAILED);
  return memory;
}

void touch(std::size_t bytes) { munmap(have(bytes), bytes); }

constexpr std::size_t kMuch = 256U << 20U;
constexpr auto kNext = CostMeter::Then::next;
constexpr auto kNothing = CostMeter::Then::nothing;
constexpr double kWork = 0.02;
constexpr BootTime kBegin = BootTime(Micros(1'000'000));
constexpr Micros kLong = std::chrono::seconds(1);

}  // namespace

BOOST_AUTO_TEST_SUITE(cost)

BOOST_AUTO_TEST_CASE(a_short_attempt_costs_what_the_clock_says) {
  CostMeter meter;
  meter.begin(kBegin);
  work(kWork);
  const Cost cost = meter.end(kBegin + Micros(40), kNext);
  BOOST_TEST(cost.cpu_s == 40e-6, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(cost.max_rss > 0U);
}

BOOST_AUTO_TEST_CASE(a_long_one_costs_what_the_kernel_says) {
  CostMeter meter;
  meter.begin(kBegin);
  work(kWork);
  const Cost cost = meter.end(kBegin + kLong, kNext);
  BOOST_TEST(cost.cpu_s >= kWork);
  BOOST_TEST(cost.cpu_s < 10 * kWork);
}

BOOST_AUTO_TEST_CASE(of_a_short_one_that_none_follows_the_kernel_is_asked) {
  CostMeter meter;
  meter.begin(kBegin);
  work(kWork);
  BOOST_TEST(meter.end(kBegin + Micros(40), kNothing).cpu_s >= kWork);
}

BOOST_AUTO_TEST_CASE(nothing_is_told_twice_and_nothing_left_out) {
  CostMeter meter;
  const double before = used();
  double told = 0;
  BootTime now = kBegin;
  for (int i = 0; i < 3; ++i) {
    meter.begin(now);
    work(kWork);
    told += meter.end(now += CostMeter::kShort / 4, kNext).cpu_s;
  }
  meter.begin(now);
  told += meter.end(now + kLong, kNext).cpu_s;
  BOOST_TEST(told >= 3 * kWork);
  BOOST_TEST(told <= used() - before);
}

BOOST_AUTO_TEST_CASE(what_runs_between_attempts_is_no_attempts) {
  CostMeter meter;
  meter.begin(kBegin);
  static_cast<void>(meter.end(kBegin + kLong, kNext));
  meter.pause();
  work(kWork);
  meter.begin(kBegin + 2 * kLong);
  BOOST_TEST(meter.end(kBegin + 3 * kLong, kNext).cpu_s < kWork);
}

BOOST_AUTO_TEST_CASE(the_memory_of_one_is_not_that_of_the_next) {
  CostMeter meter;
  meter.begin(kBegin);
  touch(kMuch);
  BOOST_TEST(meter.end(kBegin + kLong, kNext).max_rss > kMuch);
  meter.begin(kBegin + kLong);
  BOOST_TEST(meter.end(kBegin + 2 * kLong, kNext).max_rss < kMuch);
}

BOOST_AUTO_TEST_CASE(nor_that_of_a_short_one_what_comes_after_a_pause) {
  CostMeter meter;
  meter.begin(kBegin);
  touch(kMuch);
  static_cast<void>(meter.end(kBegin + Micros(40), kNext));
  meter.pause();
  meter.begin(kBegin + kLong);
  BOOST_TEST(meter.end(kBegin + 2 * kLong, kNext).max_rss < kMuch);
}

BOOST_AUTO_TEST_CASE(memory_that_a_later_one_frees_is_not_that_of_those_after_it) {
  CostMeter meter;
  BootTime now = kBegin;
  const auto attempt = [&](const std::function<void()>& what) {
    meter.begin(now);
    what();
    return meter.end(now += kLong, kNothing).max_rss;
  };
  void* held = nullptr;
  BOOST_TEST(attempt([&] { held = have(kMuch); }) > kMuch);
  BOOST_TEST(attempt([] {}) > kMuch);
  BOOST_TEST(attempt([&] { munmap(held, kMuch); }) > kMuch);
  BOOST_TEST(attempt([] {}) < kMuch);
}

// A process that is started has the peak of its starter in what getrusage() says.
BOOST_AUTO_TEST_CASE(the_memory_of_who_started_the_process_does_not_count) {
  void* const held = have(kMuch);
  std::array<int, 2> ends{};
  BOOST_REQUIRE(pipe(ends.data()) == 0);
  posix_spawn_file_actions_t to_us;
  posix_spawn_file_actions_init(&to_us);
  posix_spawn_file_actions_adddup2(&to_us, ends[1], STDOUT_FILENO);
  std::array<std::string, 3> words{"cost", "--run_test=cost/print_the_memory", "--log_level=nothing"};
  std::array<char*, 4> line{words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t child = 0;
  BOOST_REQUIRE(posix_spawn(&child, "/proc/self/exe", &to_us, nullptr, line.data(), environ) == 0);
  posix_spawn_file_actions_destroy(&to_us);
  close(ends[1]);
  std::string said;
  std::array<char, 256> bytes{};
  for (ssize_t got = 0; (got = read(ends[0], bytes.data(), bytes.size())) > 0;) {
    said.append(bytes.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  munmap(held, kMuch);
  BOOST_TEST_REQUIRE(said.find("max_rss ") != std::string::npos, said);
  BOOST_TEST(std::stoull(said.substr(said.find("max_rss ") + 8)) < kMuch, said);
}

BOOST_AUTO_TEST_CASE(print_the_memory, *boost::unit_test::disabled()) {
  CostMeter meter;
  meter.begin(kBegin);
  const std::string line = "max_rss " + std::to_string(meter.end(kBegin + kLong, kNothing).max_rss) + "\n";
  BOOST_TEST(write(STDOUT_FILENO, line.data(), line.size()) > 0);
}

BOOST_AUTO_TEST_SUITE_END()
