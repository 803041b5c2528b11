#include "task/health.hpp"

#include <boost/test/unit_test.hpp>

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

NodeHealth sample() {
  NodeHealth out;
  out.at = wall_from_micros(1'800'000'000'000'000);
  out.lease = 30s;
  out.draining = true;
  out.parts = {{"loop", Micros(5), 0}, {"outbox", std::nullopt, 3, Micros(40s), "the backend fails"}};
  out.room = {{"cpu", 2, 1}, {"io", 100, 0}};
  out.hosts.push_back({"cpu-1", Kind::cpu, 77, 2, true, 3, {{"id-1", "text.add", 4, 2s, Micros(-1s)}}, "late"});
  out.hosts.push_back({"io-1", Kind::io, 0, 1, false, 0, {{"id-2", "web.fetch", 1, 1ms, {}}}, ""});
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(health)

BOOST_AUTO_TEST_CASE(the_stored_form_tells_all_of_it) {
  const auto read = health_from_json(to_json(sample()));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((*read == sample()));
}

BOOST_AUTO_TEST_CASE(what_is_stuck_is_named_with_its_part) {
  const std::vector<std::string> expected{"outbox: the backend fails", "host cpu-1: late"};
  BOOST_TEST(sample().stuck() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_great_many_tasks_in_flight_do_not_make_it_long) {
  NodeHealth many;
  for (int host = 0; host < 4; ++host) {
    many.hosts.emplace_back();
    for (int i = 0; i < 1000; ++i) many.hosts.back().work.push_back({"some-id", "some.task", 1, 1s, {}});
  }
  const auto read = health_from_json(to_json(many));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->hosts.size() == 4U);
  BOOST_TEST(read->hosts[0].work.size() == NodeHealth::kMostWork);
  BOOST_TEST(read->hosts[1].work.empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_health_is_refused_and_what_is_more_is_left_out) {
  for (const char* text : {"", "[]", "{", "{}", R"({"at_us":"x"})", R"({"at_us":1,"parts":[{}]})"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!health_from_json(text).ok()); }
  }
  BOOST_TEST(health_from_json(R"({"at_us":1,"news":[1],"hosts":[{"name":"x","more":2}]})").ok());
}

BOOST_AUTO_TEST_SUITE_END()
