// A node's life: it starts, runs, drains, is killed, and what it owes is never lost.
#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/gate.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

const Setup kOneWorker{.plugins = {fixture("gate.so"), fixture("faulty.so")},
                       .executor = "lease = 2.0\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n"};

// Tells that nothing was left behind by a node that ended in good order.
BOOST_TEST_GLOBAL_FIXTURE(Orphanage);

std::size_t count(const std::vector<std::string>& lines, const std::string& wanted) {
  return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), wanted));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_node_runs_what_was_submitted_before_and_after_its_start) {
  const Workplace workplace({.plugins = {fixture("faulty.so")}});
  // Before any node was there the local plugins are asked what they have.
  const std::string before = workplace.submit({"faulty.cpu_echo", "before"});
  auto node = workplace.node();
  const std::string after = workplace.submit({"faulty.io_echo", "after"});
  const Json first = workplace.ended(before);
  const Json second = workplace.ended(after);
  BOOST_TEST(first["state"] == "success");
  BOOST_TEST(first["attempt"] == 1);
  BOOST_TEST(first["kind"] == "cpu");
  BOOST_TEST(second["state"] == "success");
  BOOST_TEST(second["kind"] == "io");
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
  BOOST_TEST(childless());
}

// The node looks at the store when it is woken, when it has room again, and at each heartbeat: here, too late.
BOOST_AUTO_TEST_CASE(a_task_that_comes_while_nothing_is_free_for_it_begins_as_soon_as_something_is) {
  const Workplace workplace(
      {.plugins = kOneWorker.plugins, .executor = "lease = 3600\ncpu_workers = 1\nretry_delay = 0.05\n"});
  const Gate gate(workplace);
  auto node = workplace.node();
  for (std::size_t round = 1; round <= 3; ++round) {
    // Behind short ones more are claimed than there is room for: in vain.
    const std::string runs = "runs-" + std::to_string(round);
    std::ofstream batch(workplace / "batch");
    for (int i = 0; i < 5; ++i)
      batch << R"({"task": "faulty.cpu_echo", "args": ["short"]})"
            << "\n";
    batch << Json{{"task", "gate.cpu"}, {"args", {gate.path()}}, {"id", runs}} << std::endl;
    BOOST_TEST(workplace.flowrra({"submit", "--batch", "batch"}).code() == 0);
    gate.reached(2 * round - 1);
    const std::string waits = workplace.submit({"gate.cpu", gate.path()});
    BOOST_TEST(workplace.ended(workplace.submit({"faulty.io_echo", "woken"}))["state"] == "success");
    gate.open(2);
    BOOST_TEST(workplace.ended(runs)["state"] == "success");
    BOOST_TEST(workplace.ended(waits)["state"] == "success");
  }
}

BOOST_AUTO_TEST_CASE(the_first_sigterm_lets_what_runs_finish_and_hands_back_what_waits) {
  const Workplace workplace(kOneWorker);
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string runs = workplace.submit({"gate.cpu", gate.path()});
  gate.reached(1);
  const std::string waits = workplace.submit({"gate.cpu", gate.path()});
  node->signal(SIGTERM);
  node->wait_for_error_text("draining");
  gate.open();
  BOOST_TEST(node->wait().code() == 0);
  BOOST_TEST(childless());
  BOOST_TEST(workplace.record(runs)["state"] == "success");
  BOOST_TEST(workplace.record(waits)["state"] == "pending");

  auto next = workplace.node();
  gate.open();
  const Json record = workplace.ended(waits);
  BOOST_TEST(record["state"] == "success");
  BOOST_TEST(record["attempt"] == 1);
}

BOOST_AUTO_TEST_CASE(the_second_sigterm_releases_what_runs_without_charging_it) {
  const Workplace workplace(kOneWorker);
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string cpu = workplace.submit({"gate.cpu", gate.path(), "--max-retries", "0"});
  const std::string blocking = workplace.submit({"gate.blocking", gate.path(), "--max-retries", "0"});
  const std::string sleeper = workplace.submit({"faulty.io_sleep", "600000", "--max-retries", "0"});
  gate.reached(2);
  node->signal(SIGTERM);
  node->wait_for_error_text("draining");
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
  BOOST_TEST(childless());
  for (const std::string& id : {cpu, blocking, sleeper}) BOOST_TEST(workplace.record(id)["state"] == "pending");

  auto next = workplace.node();
  gate.open(2);
  for (const std::string& id : {cpu, blocking}) {
    const Json record = workplace.ended(id);
    BOOST_TEST(record["state"] == "success");
    BOOST_TEST(record["attempt"] == 1);
  }
}

BOOST_AUTO_TEST_CASE(what_still_runs_when_the_drain_timeout_is_over_is_released) {
  Setup setup = kOneWorker;
  setup.executor += "drain_timeout = 0.3\n";
  const Workplace workplace(setup);
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string id = workplace.submit({"gate.cpu", gate.path()});
  gate.reached(1);
  node->signal(SIGINT);
  BOOST_TEST(node->wait().code() == 0);
  BOOST_TEST(workplace.record(id)["state"] == "pending");
  BOOST_TEST(childless());
}

BOOST_AUTO_TEST_CASE(drain_ends_when_nothing_is_left_that_can_be_run) {
  const Workplace workplace(kOneWorker);
  for (int i = 0; i < 20; ++i) {
    (void)workplace.submit({"gate.note", workplace / "notes", "note"});
  }
  const std::string retried = workplace.submit({"faulty.cpu_flaky", "3"});
  const std::string later = workplace.submit({"faulty.cpu_echo", "--delay", "0.3"});
  BOOST_TEST(workplace.flowrra({"run", "--drain"}).code() == 0);
  BOOST_TEST(childless());
  BOOST_TEST(workplace.lines("notes", 20).size() == 20U);
  BOOST_TEST(workplace.record(retried)["result"] == 3);
  BOOST_TEST(workplace.record(later)["state"] == "success");
}

BOOST_AUTO_TEST_CASE(what_a_killed_node_had_accepted_is_run_by_the_next_one) {
  const Workplace workplace(kOneWorker);
  const Gate gate(workplace);
  auto node = workplace.node();
  std::vector<std::string> ids{workplace.submit({"gate.cpu", gate.path(), "--max-retries", "0"}),
                               workplace.submit({"gate.blocking", gate.path(), "--max-retries", "0"})};
  for (int i = 0; i < 10; ++i) {
    ids.push_back(workplace.submit({"gate.note", workplace / "notes", std::to_string(i)}));
  }
  gate.reached(2);
  node->signal(SIGKILL);
  BOOST_TEST(node->wait().code() == 128 + SIGKILL);
  reap_orphans();  // its hosts die with it

  auto next = workplace.node();
  gate.open(2);
  for (const std::string& id : ids) {
    const Json record = workplace.ended(id);
    BOOST_TEST(record["state"] == "success");
    BOOST_TEST(record["attempt"] == 1);  // the one that the node took with it does not count
  }
  const auto notes = workplace.lines("notes", 10);
  for (int i = 0; i < 10; ++i) BOOST_TEST(count(notes, std::to_string(i) + " 1") == 1U);
}

BOOST_AUTO_TEST_CASE(a_node_ends_when_its_store_is_taken_away_or_damaged) {
  Setup setup = kOneWorker;
  setup.executor = "lease = 0.6\n";
  const Workplace workplace(setup);
  auto node = workplace.node();
  std::filesystem::rename(workplace / "store", workplace / "moved");
  const Outcome removed = node->wait();
  BOOST_TEST(removed.code() == 7);
  BOOST_TEST(removed.err.find("was removed while it was in use") != std::string::npos, removed.err);

  const Workplace damaged(setup);
  (void)damaged.flowrra({"ps"});
  for (const char* file : {"flowrra.db", "flowrra.db-wal"}) {
    std::fstream content((damaged / "store") / file, std::ios::in | std::ios::out | std::ios::binary);
    content.seekp(100);
    content << std::string(100'000, 'x');
  }
  BOOST_TEST(damaged.flowrra({"run", "--drain"}).code() == 7);
  BOOST_TEST(childless());
}

BOOST_AUTO_TEST_CASE(broker_and_backend_may_be_two_stores) {
  Setup setup = kOneWorker;
  setup.broker = "sqlite://queue.db";
  setup.backend = "sqlite://results.db";
  const Workplace workplace(setup);
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string waits = workplace.submit({"gate.cpu", gate.path()});
  const std::string fails = workplace.submit({"faulty.io_permanent"});
  const std::string retried = workplace.submit({"faulty.io_flaky", "2"});
  gate.reached(1);
  BOOST_TEST(workplace.record(waits)["state"] == "running");
  BOOST_TEST(workplace.ended(fails)["error"]["code"] == "permanent");
  BOOST_TEST(workplace.ended(retried)["result"] == 2);
  gate.open();
  BOOST_TEST(workplace.ended(waits)["result"] == 1);
  BOOST_TEST(std::filesystem::exists(workplace / "results.db"));
}

BOOST_AUTO_TEST_CASE(a_plugin_that_crashes_while_it_loads_is_left_out_and_the_node_runs) {
  const Workplace workplace({.plugins = {fixture("bad_constructor.so"), fixture("bad_exit.so"), fixture("bad_abi.so"),
                                         fixture("faulty.so")}});
  auto node = workplace.node();
  const std::string log = node->err();
  for (const char* bad : {"bad_constructor.so", "bad_exit.so", "bad_abi.so"}) {
    BOOST_TEST(log.find(bad) != std::string::npos, bad);
  }
  BOOST_TEST(workplace.ended(workplace.submit({"faulty.cpu_echo"}))["state"] == "success");
}
