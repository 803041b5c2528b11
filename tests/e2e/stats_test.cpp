// `flowrra stats` over what a node has done.

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra;
using namespace flowrra::test;
using nlohmann::json;

namespace {

Setup with_plugin(const std::string& backend = {}) {
  Setup setup;
  setup.plugins = {fixture("typed.so")};
  setup.backend = backend;
  return setup;
}

void submit(const Workplace& place, const std::vector<std::string>& words) { BOOST_TEST(!place.submit(words).empty()); }

}  // namespace

BOOST_AUTO_TEST_CASE(stats_tell_counts_times_failures_and_the_oldest_that_waits) {
  for (const char* backend : {"", "sqlite://results.db"}) {
    const Workplace place(with_plugin(backend));
    for (int i = 0; i < 3; ++i) submit(place, {"typed.text", "x"});
    submit(place, {"typed.fail", "x"});
    submit(place, {"typed.text", "x", "--queue", "mail"});
    submit(place, {"typed.text", "x", "--queue", "mail", "--delay", "1h"});
    BOOST_TEST(place.node({"--drain"})->wait().code() == 0);

    const json stats = json::parse(place.flowrra({"stats", "-o", "json"}).out);
    BOOST_TEST(stats["totals"]["success"] == 3);
    BOOST_TEST(stats["totals"]["scheduled"] == 1);
    BOOST_TEST(stats["throughput"]["finished"] == 4);
    BOOST_TEST(stats["sampled"] == 4);
    const json& fail = stats["tasks"][0];
    BOOST_TEST(fail["task"] == "typed.fail");
    BOOST_TEST(fail["failed"] == 1);
    BOOST_TEST(fail["failed_sampled"] == 1);
    const json& text = stats["tasks"][1];
    BOOST_TEST(text["success"] == 3);
    BOOST_TEST(text["pending"] == 1);
    BOOST_TEST(text["run"]["count"] == 3);
    BOOST_TEST(text["wait"]["p50"].get<double>() > 0);
    const json& mail = stats["queues"][1];
    BOOST_TEST(mail["queue"] == "mail");
    BOOST_TEST(mail["pending"] == 1);
    BOOST_TEST(mail["oldest_pending"].get<double>() > 0);
    BOOST_TEST(stats["queues"][0]["oldest_pending"].is_null());
    BOOST_TEST(json::parse(place.flowrra({"stats", "--limit", "2", "-o", "json"}).out)["sampled"] == 2);
    const Outcome table = place.flowrra({"stats"});
    BOOST_TEST(has(table.out, "typed.fail"), table.out);
    BOOST_TEST(has(table.out, "1/1"), table.out);
    BOOST_TEST(has(place.flowrra({"stats", "-o", "wide"}).out, "RUN MEAN"));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_store_has_stats_too) {
  const Workplace place(with_plugin());
  const Outcome table = place.flowrra({"stats"});
  BOOST_TEST(table.code() == 0);
  BOOST_TEST(has(table.out, "tasks       none"), table.out);
  BOOST_TEST(json::parse(place.flowrra({"stats", "-o", "json"}).out)["throughput"]["per_second"] == 0.0);
}
