#include "executor/printed_log.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <string>

#include "base/log.hpp"
#include "support/fake_clock.hpp"

namespace flowrra {

BOOST_AUTO_TEST_SUITE(printed_log)

BOOST_AUTO_TEST_CASE(a_flood_leaves_a_bounded_trace_and_is_counted) {
  BOOST_REQUIRE(::fflush(stderr) == 0);
  std::FILE* const file = std::tmpfile();
  BOOST_REQUIRE(file != nullptr);
  const int kept = ::dup(STDERR_FILENO);
  ::dup2(::fileno(file), STDERR_FILENO);
  log::set_level(log::Level::info);
  test::FakeClock clock;
  PrintedLog printed(clock);
  const std::string line(999, 'x');
  for (int i = 0; i < 1000; ++i) printed.write("cpu host 1", nullptr, line);
  clock.advance(PrintedLog::kWindow);
  printed.write("cpu host 1", nullptr, "after");
  log::set_level(log::Level::warning);
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  std::string said(static_cast<std::size_t>(::ftell(file)), '\0');
  std::rewind(file);
  BOOST_REQUIRE(std::fread(said.data(), 1, said.size(), file) == said.size());
  std::fclose(file);
  BOOST_TEST(said.size() < PrintedLog::kMost + 20'000);
  BOOST_TEST(said.find("cpu host 1 printed 935 lines more, which are left out of this log") != std::string::npos);
  BOOST_TEST(said.find("printed: after") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
