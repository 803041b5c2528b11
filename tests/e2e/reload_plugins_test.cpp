// What a reload finds: plugins without the tasks that wait, new ones that are bad, and no node to reload.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/gate.hpp"
#include "support/plugin_place.hpp"
#include "support/reload_steps.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

BOOST_TEST_GLOBAL_FIXTURE(Orphanage);

BOOST_AUTO_TEST_CASE(tasks_that_the_new_plugins_do_not_have_are_handed_back_and_no_longer_accepted) {
  const PluginPlace plugins;
  const Workplace workplace(setup_of({plugins.install_build(1), fixture("gate.so")}, 1));
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string runs = workplace.submit({"gate.cpu", gate.path()});
  gate.reached(1);
  const std::string waits = workplace.submit({"versioned.cpu", "0", "--max-retries", "0"});
  plugins.install("typed.so", "versioned.so");
  BOOST_TEST(workplace.flowrra({"reload"}).code() == 0);
  gate.open();
  BOOST_TEST(workplace.ended(runs)["state"] == "success");
  BOOST_TEST(workplace.flowrra({"submit", "versioned.cpu", "0"}).code() == 3);
  BOOST_TEST(has(workplace.flowrra({"tasks", "-o", "id"}).out, "typed."));
  BOOST_TEST(workplace.record(waits)["state"] == "pending");
  plugins.install_build(3);
  BOOST_TEST(workplace.flowrra({"reload"}).code() == 0);
  const Json record = workplace.ended(waits);
  BOOST_TEST(record["result"] == 3);
  BOOST_TEST(record["attempt"] == 1);
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(a_folder_is_looked_into_again_and_what_is_new_and_bad_there_stops_nobody) {
  const PluginPlace plugins;
  plugins.install_build(1);
  const Workplace workplace(setup_of({plugins.path()}));
  auto node = workplace.node();
  plugins.install("gate.so", "gate.so");
  plugins.install("bad_exit.so", "bad.so");
  const Outcome outcome = workplace.flowrra({"reload"});
  BOOST_TEST(outcome.code() == 0, outcome.err);
  BOOST_TEST(has(outcome.err, "bad.so is not used"), outcome.err);
  BOOST_TEST(workplace.ended(workplace.submit({"gate.note", workplace / "notes", "x"}))["state"] == "success");
  const Json node_plugins = node_of(workplace)["plugins"];
  BOOST_REQUIRE_EQUAL(node_plugins.size(), 3U);
  BOOST_TEST(has(node_plugins[2]["refused"].get<std::string>(), "ended the process by itself"));
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(reloads_one_after_another_do_not_cost_a_node_its_session) {
  const Workplace workplace(setup_of({fixture("faulty.so")}, 2, "2.0"));
  auto node = workplace.node();
  const std::string id = workplace.submit({"faulty.cpu_sleep", "5000"});
  int reloads = 0;
  while (workplace.record(id)["state"] != "success") {
    (void)workplace.flowrra({"reload"});
    BOOST_REQUIRE(++reloads < 10'000);
  }
  BOOST_TEST(reloads > 1);
  BOOST_TEST(workplace.flowrra({"logs", id}).out == "");  // it would tell of a lost node
  const Json stale = Json::parse(workplace.flowrra({"stats", "-o", "json"}).out)["stale"];
  BOOST_TEST(stale["settlements"] == 0);
  BOOST_TEST(stale["heartbeats"] == 0);
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(reload_says_by_its_exit_code_when_no_node_or_not_this_one_is_there_or_none_answers) {
  const PluginPlace plugins;
  const Workplace workplace(setup_of({plugins.install_build(1)}));
  (void)workplace.submit({"versioned.cpu", "0"});
  BOOST_TEST(workplace.flowrra({"reload"}).code() == 3);
  auto node = workplace.node();
  BOOST_TEST(workplace.flowrra({"reload", "somebody-else"}).code() == 3);
  const std::string name = node_of(workplace)["name"];
  BOOST_TEST(workplace.flowrra({"reload", name}).code() == 0);
  const std::string session = node_of(workplace)["session"];
  BOOST_TEST(workplace.flowrra({"reload", session.substr(0, 20)}).code() == 0);
  BOOST_TEST(node_of(workplace)["generation"] == 3);
  BOOST_TEST(workplace.flowrra({"reload", "one", "two"}).code() == 2);
  node->signal(SIGSTOP);
  BOOST_TEST(workplace.flowrra({"reload", "--timeout", "0.2"}).code() == 124);
  node->signal(SIGCONT);
  BOOST_TEST(workplace.flowrra({"reload"}).code() == 0);
  expect_end(*node);
}
