#include "base/clock.hpp"

#include <boost/test/unit_test.hpp>

namespace flowrra {
namespace {

struct Case {
  const char* text;
  std::int64_t micros;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(clock)

BOOST_AUTO_TEST_CASE(rfc3339_is_read_in_all_its_forms) {
  const Case cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:00.000001Z", 1},
      {"1970-01-01t00:00:01z", 1'000'000},
      {"1970-01-01 00:00:01.5Z", 1'500'000},
      {"1970-01-01T02:00:00+02:00", 0},
      {"1969-12-31T18:30:00-0530", 0},
      {"1969-12-31T23:59:59.999999Z", -1},
      {"1970-01-01T00:00:00.1234567Z", 123'456},
      {"2000-02-29T00:00:00Z", 951'782'400'000'000},
      {"2026-01-31T08:15:00.25Z", 1'769'847'300'250'000},
      {"2026-01-31T08:15Z", 1'769'847'300'000'000},
  };
  for (const Case& expected : cases) {
    BOOST_TEST_CONTEXT(expected.text) {
      const auto read = parse_rfc3339(expected.text);
      BOOST_REQUIRE(read);
      BOOST_TEST(to_micros(*read) == expected.micros);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_rfc3339_is_refused) {
  for (const char* text :
       {"", "now", "2026-01-31", "2026-01-31T08:15:00", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T08:60:00Z",
        "2026-01-31T08:15:61Z", "2026-1-31T08:15:00Z", "2026-01-31T08:15:00Zx", " 2026-01-31T08:15:00Z",
        "2026-01-31T08:15:00+24:00", "2026-01-31T08:15:00+02:60", "2026-01-31T08:15:00+2", "+026-01-31T08:15:00Z"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!parse_rfc3339(text).has_value()); }
  }
}

BOOST_AUTO_TEST_CASE(times_are_written_in_utc_with_microseconds_and_read_back) {
  BOOST_TEST(to_rfc3339(wall_from_micros(1'769'847'300'250'000)) == "2026-01-31T08:15:00.250000Z");
  BOOST_TEST(to_rfc3339(wall_from_micros(-1)) == "1969-12-31T23:59:59.999999Z");
  for (const std::int64_t micros : {0LL, 1LL, -1LL, 1'800'000'000'123'456LL, 4'102'444'800'000'000LL}) {
    BOOST_TEST(to_micros(parse_rfc3339(to_rfc3339(wall_from_micros(micros))).value()) == micros);
  }
}

BOOST_AUTO_TEST_CASE(boot_time_never_runs_backward) {
  const BootTime first = system_clock().boot();
  BOOST_TEST((system_clock().boot() >= first));
  BOOST_TEST(first.time_since_epoch().count() > 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
