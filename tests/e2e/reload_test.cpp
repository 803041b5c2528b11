// Plugins that are replaced while a node runs: nothing changes until a reload, and a reload loses nothing.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "support/gate.hpp"
#include "support/plugin_place.hpp"
#include "support/reload_steps.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

BOOST_TEST_GLOBAL_FIXTURE(Orphanage);

// Submits so many tasks at once: NAME-1, NAME-2, ….
void submit_many(const Workplace& workplace, const std::string& task, int count, const std::string& name) {
  Command command = workplace.command({"submit", task, "--batch", "-", "--id", name, "--max-retries", "0"});
  for (int i = 0; i < count; ++i)
    command.input += R"({"args": [1]})"
                     "\n";
  const Outcome outcome = run(command);
  BOOST_REQUIRE_MESSAGE(outcome.code() == 0, outcome.err);
}

// The record of each of them, once it has ended.
std::vector<Json> ended(const Workplace& workplace, int count, const std::string& name) {
  std::vector<std::string> words{"wait", "-o", "json"};
  for (int i = 1; i <= count; ++i) words.push_back(name + "-" + std::to_string(i));
  const Outcome outcome = workplace.flowrra(words);
  BOOST_REQUIRE_MESSAGE(outcome.code() == 0, outcome.err);
  return Json::parse(outcome.out).get<std::vector<Json>>();
}

// Which builds the tasks ran in; every one of them must have succeeded at its first attempt.
std::set<int> builds(const std::vector<Json>& records) {
  std::set<int> out;
  for (const Json& record : records) {
    BOOST_TEST(record["state"] == "success");
    BOOST_TEST(record["attempt"] == 1);
    out.insert(record["result"].get<int>());
  }
  return out;
}

Json build_of(const Workplace& workplace, const std::string& task = "versioned.cpu") {
  return workplace.ended(workplace.submit({task, "0", "--max-retries", "0"}))["result"];
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_plugin_file_that_is_rewritten_changes_nothing_for_what_runs) {
  const PluginPlace plugins;
  const Workplace workplace(setup_of({plugins.install_build(1), fixture("faulty.so")}));
  auto node = workplace.node();
  const Json digest = node_of(workplace)["plugins"][0]["digest"];
  submit_many(workplace, "versioned.cpu", 250, "cpu");
  submit_many(workplace, "versioned.blocking", 250, "blocking");
  BOOST_TEST(build_of(workplace) == 1);
  plugins.overwrite_with_build(2);
  // New hosts load what the old ones had loaded.
  for (const std::string task : {"faulty.cpu_segv", "faulty.cpu_segv", "faulty.cpu_segv"}) {
    BOOST_TEST(workplace.ended(workplace.submit({task, "--max-retries", "0"}))["error"]["code"] == "crash");
  }
  BOOST_TEST(builds(ended(workplace, 250, "cpu")) == std::set<int>{1});
  BOOST_TEST(builds(ended(workplace, 250, "blocking")) == std::set<int>{1});
  BOOST_REQUIRE_EQUAL(truncate((plugins / "versioned.so").c_str(), 0), 0);
  BOOST_TEST(workplace.ended(workplace.submit({"faulty.cpu_segv", "--max-retries", "0"}))["state"] == "failed");
  BOOST_TEST(build_of(workplace) == 1);
  BOOST_TEST(build_of(workplace, "versioned.blocking") == 1);
  BOOST_TEST(node_of(workplace)["plugins"][0]["digest"] == digest);
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(not_one_task_is_lost_or_fails_while_plugins_are_reloaded_under_load) {
  constexpr int kEach = 400;
  const PluginPlace plugins;
  const Workplace workplace(setup_of({plugins.install_build(1)}));
  auto node = workplace.node({"--log-level", "debug"});
  for (int round = 1; round <= 5; ++round) {
    const std::string name = "round" + std::to_string(round);
    submit_many(workplace, round % 2 == 0 ? "versioned.cpu" : "versioned.blocking", kEach, name);
    plugins.install_build(round + 1);
    const Outcome reloaded = workplace.flowrra({"reload", "-o", "json"});
    BOOST_TEST(reloaded.code() == 0, reloaded.err);
    BOOST_TEST(Json::parse(reloaded.out)[0]["node"]["generation"] == round + 1);
    // What is submitted after the answer runs in the new build.
    BOOST_TEST(build_of(workplace) == round + 1);
    BOOST_TEST(build_of(workplace, "versioned.blocking") == round + 1);
  }
  std::set<int> seen;
  for (int round = 1; round <= 5; ++round) {
    for (const int build : builds(ended(workplace, kEach, "round" + std::to_string(round)))) {
      BOOST_TEST(build >= round);  // never one that was replaced before
      seen.insert(build);
    }
  }
  BOOST_TEST(seen.size() > 1U);
  for (int generation = 1; generation <= 5; ++generation) {
    node->wait_for_error_text("generation " + std::to_string(generation) + " of hosts has ended");
  }
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(an_old_host_finishes_its_task_and_then_ends) {
  const PluginPlace plugins;
  const Workplace workplace(setup_of({plugins.install_build(1), fixture("gate.so")}, 1));
  const Gate gate(workplace);
  auto node = workplace.node({"--log-level", "debug"});
  const std::string cpu = workplace.submit({"gate.cpu", gate.path(), "--max-retries", "0"});
  const std::string blocking = workplace.submit({"gate.blocking", gate.path(), "--max-retries", "0"});
  gate.reached(2);
  const std::string waits = workplace.submit({"versioned.cpu", "0"});  // the only cpu host is busy
  plugins.install_build(2);
  BOOST_TEST(workplace.flowrra({"reload"}).code() == 0);
  BOOST_TEST(workplace.ended(waits)["result"] == 2);
  BOOST_TEST(workplace.record(cpu)["state"] == "running");
  BOOST_TEST(!has(node->err(), "generation 1 of hosts has ended"));
  gate.open(2);
  for (const std::string& id : {cpu, blocking}) {
    BOOST_TEST(workplace.ended(id)["state"] == "success");
    BOOST_TEST(workplace.record(id)["attempt"] == 1);
  }
  node->wait_for_error_text("generation 1 of hosts has ended");
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(a_task_of_an_old_generation_can_be_cancelled_and_a_drain_waits_for_it) {
  const PluginPlace plugins;
  const Workplace workplace(setup_of({fixture("gate.so")}, 1));
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string first = workplace.submit({"gate.cpu", gate.path()});
  const std::string second = workplace.submit({"gate.blocking", gate.path(), "--max-retries", "0"});
  gate.reached(2);
  BOOST_TEST(workplace.flowrra({"reload"}).code() == 0);
  BOOST_TEST(workplace.flowrra({"cancel", first}).code() == 0);
  BOOST_TEST(workplace.ended(first)["state"] == "cancelled");
  node->signal(SIGTERM);
  node->wait_for_error_text("draining");
  gate.open();
  BOOST_TEST(node->wait().code() == 0);
  BOOST_TEST(workplace.record(second)["state"] == "success");
  BOOST_TEST(childless());
}

BOOST_AUTO_TEST_CASE(a_new_plugin_that_is_bad_leaves_the_old_one_running_and_says_why) {
  const PluginPlace plugins;
  const Workplace workplace(setup_of({plugins.install_build(1)}));
  auto node = workplace.node();
  const auto refused = [&](const std::string& why) {
    const Outcome outcome = workplace.flowrra({"reload"});
    BOOST_TEST(outcome.code() == 1, outcome.err);
    BOOST_TEST(has(outcome.out, why), outcome.out);
    node->wait_for_error_text("not reloaded, generation 1 goes on");
    node->wait_for_error_text(why);
    BOOST_TEST(build_of(workplace) == 1);
    BOOST_TEST(node_of(workplace)["generation"] == 1);
  };
  for (const auto& [file, why] :
       std::vector<std::pair<std::string, std::string>>{{"bad_constructor.so", "while it was loaded"},
                                                        {"bad_abi.so", "of the plugin ABI"},
                                                        {"bad_undefined.so", "undefined symbol"},
                                                        {"bad_symbol.so", "flowrra_plugin_entry"},
                                                        {"bad_exit.so", "ended the process by itself"}}) {
    plugins.install(file, "versioned.so");
    refused(why);
  }
  const std::string path = plugins.install_build(2);
  chmod(path.c_str(), 0666);
  refused("can be written by everybody");
  if (geteuid() == 0) {
    chmod(path.c_str(), 0644);
    BOOST_REQUIRE_EQUAL(chown(path.c_str(), 12345, 12345), 0);
    refused("belongs to user 12345");
  }
  std::filesystem::remove(path);
  refused("no such file");
  plugins.install_build(2);
  BOOST_TEST(workplace.flowrra({"reload"}).code() == 0);
  BOOST_TEST(build_of(workplace) == 2);
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(a_pin_holds_a_reload_back_until_the_configuration_has_the_new_one) {
  const PluginPlace plugins;
  const std::string path = plugins.install_build(1);
  const Workplace workplace(setup_of({path}));
  const auto digest = [&]() -> std::string {
    return Json::parse(workplace.flowrra({"plugin", "ls", path, "-o", "json"}).out)[0]["digest"];
  };
  const auto pin = [&](const std::string& to) {
    std::ofstream(workplace / "flowrra.toml") << "[broker]\nurl = \"sqlite://store/flowrra.db\"\n[plugins]\npaths = [\""
                                              << path << "\"]\npin = { \"versioned.so\" = \"" << to << "\" }\n";
  };
  const std::string first = digest();
  pin(first);
  auto node = workplace.node({"--cpu-workers", "1"});
  BOOST_TEST(build_of(workplace) == 1);
  plugins.install_build(2);
  Outcome outcome = workplace.flowrra({"reload"});
  BOOST_TEST(outcome.code() == 1);
  BOOST_TEST(has(outcome.out, "pinned to " + first), outcome.out);
  BOOST_TEST(build_of(workplace) == 1);
  BOOST_TEST(workplace.flowrra({"plugin", "check", path}).code() == 8);
  BOOST_TEST(workplace.flowrra({"plugin", "inspect", path}).code() == 8);
  BOOST_TEST(workplace.flowrra({"exec", "--plugins", path, "versioned.cpu", "0"}).code() == 8);
  pin("sha256:" + std::string(64, '0'));
  outcome = workplace.flowrra({"plugin", "inspect", path});
  const std::string second = outcome.err.substr(outcome.err.find("sha256:"), 71);
  pin(second);
  outcome = workplace.flowrra({"reload"});
  BOOST_TEST(outcome.code() == 0, outcome.out + outcome.err);
  BOOST_TEST(build_of(workplace) == 2);
  BOOST_TEST(node_of(workplace)["plugins"][0]["digest"] == second);
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(sighup_reloads_and_the_log_says_what_became_of_it) {
  const PluginPlace plugins;
  const Workplace workplace(setup_of({plugins.install_build(1)}));
  auto node = workplace.node();
  plugins.install_build(2);
  node->signal(SIGHUP);
  node->wait_for_error_text("reloaded: generation 2 runs versioned 1.0.0 (sha256:");
  BOOST_TEST(build_of(workplace) == 2);
  plugins.install("bad_abi.so", "versioned.so");
  node->signal(SIGHUP);
  node->wait_for_error_text("not reloaded, generation 2 goes on");
  BOOST_TEST(build_of(workplace) == 2);
  expect_end(*node);
}

BOOST_AUTO_TEST_CASE(a_node_that_is_stopped_does_not_wait_for_a_plugin_that_hangs_in_its_reload) {
  const PluginPlace plugins;
  const Workplace workplace(setup_of({plugins.install_build(1)}));
  auto node = workplace.node();
  plugins.install("bad_hang.so", "versioned.so");
  node->signal(SIGHUP);
  node->wait_for_error_text("loading the plugins anew");
  node->signal(SIGTERM);
  BOOST_TEST(node->wait(std::chrono::seconds(8)).code() == 0);  // a probe may take ten
  BOOST_TEST(childless());
}
