// Nodes that die, pause and come back beside others: what they ran is run by another, and what they say late is
// refused.
#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "support/gate.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

Setup with_lease(const std::string& lease, const std::string& more = {}) {
  return {.plugins = {fixture("gate.so"), fixture("faulty.so")},
          .executor = "lease = " + lease + "\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n",
          .more = more};
}

Json stale(const Workplace& workplace) { return Json::parse(workplace.flowrra({"stats", "-o", "json"}).out)["stale"]; }

}  // namespace

BOOST_AUTO_TEST_CASE(another_node_of_the_machine_runs_what_a_killed_one_had_long_before_its_lease_is_over) {
  const Workplace workplace(with_lease("600"));
  const Gate gate(workplace);
  auto first = workplace.node();
  const std::string id = workplace.submit({"gate.cpu", gate.path(), "--max-retries", "0"});
  gate.reached(1);
  auto second = workplace.node();
  first->signal(SIGKILL);
  BOOST_TEST(first->wait().code() == 128 + SIGKILL);
  gate.reached(2);  // within the patience of a test, not of a lease
  gate.open(2);
  const Json record = workplace.ended(id);
  BOOST_TEST(record["state"] == "success");
  BOOST_TEST(record["attempt"] == 1);
}

BOOST_AUTO_TEST_CASE(what_a_node_says_after_a_pause_longer_than_its_lease_is_refused_and_counted) {
  const Workplace workplace(with_lease("1.0"));
  const Gate gate(workplace);
  auto paused = workplace.node();
  const std::string id = workplace.submit({"gate.cpu", gate.path(), "--max-retries", "0"});
  gate.reached(1);
  BOOST_TEST(stale(workplace)["settlements"] == 0);
  paused->signal(SIGSTOP);
  auto other = workplace.node();
  gate.reached(2);  // the session is over: the other one runs it
  gate.open(2);
  const Json winner = workplace.ended(id);
  BOOST_TEST(winner["state"] == "success");
  paused->signal(SIGCONT);
  paused->wait_for_error_text("the session is lost");
  // What it still ran it hands back, or its outcome comes late: both are refused.
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (stale(workplace)["settlements"] == 0 && std::chrono::steady_clock::now() < end) {
  }
  BOOST_TEST(stale(workplace)["settlements"] == 1);
  BOOST_TEST(stale(workplace)["heartbeats"] >= 0);
  BOOST_TEST(workplace.record(id) == winner);
  BOOST_TEST(workplace.flowrra({"stats"}).out.find("refused     as stale: 1 outcome") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(queues_get_their_shares) {
  const Workplace workplace(with_lease("2.0", "[queues]\nmail = 4\nbulk = 1\n"));
  for (const char* queue : {"bulk", "mail"}) {
    for (int i = 0; i < 20; ++i) {
      (void)workplace.submit({"gate.note", workplace / "notes", queue, "--queue", queue});
    }
  }
  BOOST_TEST(workplace.flowrra({"run", "--drain"}).code() == 0);
  const auto notes = workplace.lines("notes", 40);
  const auto first = std::count_if(notes.begin(), notes.begin() + 20,
                                   [](const std::string& note) { return note.starts_with("bulk"); });
  BOOST_TEST(first > 0);
  BOOST_TEST(first <= 8);  // 4, but for tasks that two claims put in another order
}
