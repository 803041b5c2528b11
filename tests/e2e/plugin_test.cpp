// `flowrra plugin ls`, `inspect` and `check`.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra;
using namespace flowrra::test;
using nlohmann::json;

namespace {

Setup two_plugins() {
  Setup setup;
  setup.plugins = {fixture("typed.so"), fixture("bad_exit.so")};
  return setup;
}

}  // namespace

BOOST_AUTO_TEST_CASE(plugins_are_listed_with_those_that_cannot_be_used) {
  const Workplace place(two_plugins());
  const Outcome table = place.flowrra({"plugin", "ls"});
  BOOST_TEST(table.code() == 0);
  BOOST_TEST(has(table.out, "refused: it ended the process by itself"), table.out);
  const json list = json::parse(place.flowrra({"plugin", "ls", "-o", "json"}).out);
  BOOST_TEST(list.size() == 2U);
  BOOST_TEST(list[0]["plugin"] == "typed");
  BOOST_TEST(list[0]["version"] == "1.0.0");
  BOOST_TEST(list[0]["state"] == "ok");
  BOOST_TEST(list[0]["tasks"].size() > 3U);
  BOOST_TEST(list[1]["state"] == "refused");
  BOOST_TEST(list[1]["path"] == fixture("bad_exit.so"));
  BOOST_TEST(list[1]["hint"].is_string());
  BOOST_TEST(place.flowrra({"plugin", "ls", "-o", "id"}).out == "typed\nbad_exit.so\n");
  BOOST_TEST(has(place.flowrra({"plugin", "ls", "-o", "wide"}).out, "typed.text,typed.number"));
  BOOST_TEST(json::parse(place.flowrra({"plugin", "ls", fixture("gate.so"), "-o", "json"}).out).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_plugin_is_inspected_without_being_configured) {
  const Workplace place(Setup{});
  const Outcome block = place.flowrra({"plugin", "inspect", fixture("typed.so")});
  BOOST_TEST(block.code() == 0);
  BOOST_TEST(has(block.out, "plugin    typed\nversion   1.0.0\n"), block.out);
  BOOST_TEST(has(block.out, "typed.text  (cpu)\n  does    Give back a text\n"), block.out);
  BOOST_TEST(has(block.out, "  usage   typed.mixed path [width] [tags]\n"), block.out);
  const json plugin = json::parse(place.flowrra({"plugin", "inspect", fixture("typed.so"), "-o", "json"}).out);
  const auto mixed = std::ranges::find(plugin["tasks"], "typed.mixed", [](const json& task) { return task["name"]; });
  BOOST_REQUIRE((mixed != plugin["tasks"].end()));
  BOOST_TEST((*mixed)["schema"]["properties"]["width"]["type"] == "integer");
  const Outcome refused = place.flowrra({"plugin", "inspect", fixture("bad_exit.so")});
  BOOST_TEST(refused.code() == 6);
  BOOST_TEST(has(refused.err, "Look for exit()"), refused.err);
  BOOST_TEST(place.flowrra({"plugin", "inspect", "none.so"}).code() == 3);
  BOOST_TEST(place.flowrra({"plugin", "inspect"}).code() == 2);
}

BOOST_AUTO_TEST_CASE(a_check_fails_when_one_plugin_cannot_be_used) {
  const Workplace place(Setup{});
  const Outcome good = place.flowrra({"plugin", "check", fixture("typed.so"), fixture("gate.so")});
  BOOST_TEST(good.code() == 0);
  BOOST_TEST(has(good.out, "typed 1.0.0, "), good.out);
  const Outcome bad = place.flowrra({"plugin", "check", fixture("typed.so"), fixture("bad_abi.so"), "-o", "json"});
  BOOST_TEST(bad.code() == 1);
  const json findings = json::parse(bad.out);
  BOOST_TEST(findings[0]["level"] == "ok");
  BOOST_TEST(findings[1]["level"] == "error");
  BOOST_TEST(findings[1]["subject"] == fixture("bad_abi.so"));
  BOOST_TEST(findings[1]["message"].is_string());
  BOOST_TEST(findings[1]["hint"].is_string());
  const Outcome twins = place.flowrra({"plugin", "check", fixture("faulty.so"), fixture("bad_twin.so")});
  BOOST_TEST(twins.code() == 1);
  BOOST_TEST(has(twins.out, "it registers the task"), twins.out);
  BOOST_TEST(place.flowrra({"plugin", "check"}).code() == 2);
}
