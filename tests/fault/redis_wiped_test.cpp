// Somebody takes from a Redis server what Flowrra keeps there: the scripts, or everything.
#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "fault/redis_bench.hpp"
#include "support/gate.hpp"
#include "support/text.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

Setup gate_over(const RedisServer& server) {
  return {.plugins = {fixture("gate.so")},
          .broker = server.url(),
          .executor = "lease = 1.0\ncpu_workers = 1\nblocking_threads = 1\nkill_grace = 0.3\n"};
}

// Submits until the task is known again: the id.
std::string submit_when_known(const Workplace& workplace, const Gate& gate) {
  for (const auto deadline = std::chrono::steady_clock::now() + kPatience;;) {
    const Outcome outcome = workplace.flowrra({"submit", "gate.blocking", gate.path(), "-o", "id"});
    if (outcome.code() == 0) return outcome.out.substr(0, outcome.out.find('\n'));
    BOOST_TEST((outcome.code() == 3 || outcome.code() == 7));  // unknown, or the server is not there
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("never known: " + outcome.err);
  }
}

// A node with a task that runs and one that waits, from which `wipe` takes all that is known of them: it forgets them,
// too, makes itself known again, and works on.
void check_works_on(RedisServer& server, const std::function<void()>& wipe) {
  const Workplace workplace(gate_over(server));
  const Gate gate(workplace);
  auto node = workplace.node({"--plugins", fixture("gate.so")});
  for (std::size_t round = 0; round < 3; ++round) {
    const std::string runs = workplace.submit({"gate.cpu", gate.path()});
    gate.reached(2 * round + 1);
    const std::string waits = workplace.submit({"gate.cpu", gate.path()});
    wipe();
    const std::string next = submit_when_known(workplace, gate);
    gate.reached(2 * round + 2);
    gate.open();
    const Json record = workplace.ended(next);
    BOOST_TEST(record["state"] == "success");
    BOOST_TEST(record["attempt"] == 1);
    BOOST_TEST(workplace.flowrra({"result", runs}).code() == 3);
    BOOST_TEST(workplace.flowrra({"result", waits}).code() == 3);
  }
  const auto nodes = Json::parse(workplace.flowrra({"nodes", "-o", "json"}).out);
  BOOST_TEST(nodes.size() == 1U);
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(scripts_that_are_flushed_again_and_again_under_load_are_brought_again) {
  const RedisServer server(durable());
  const Workplace workplace(traced_over(server.url()));
  Verdict verdict;
  Trace trace(workplace / "trace");
  auto node = workplace.node();
  Load load(workplace, trace);
  const int flushes = rounds(300, 20000);
  for (int round = 0; round < flushes; ++round) {
    server.cli({"SCRIPT", "FLUSH"});
    trace.wait_for_finished(static_cast<std::size_t>(round), {});
  }
  load.stop_and_tell(verdict);
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
  verdict.check_runs(trace.runs(), {}, 0);
  verdict.check_rest(workplace);
  auto found = verdict.json();
  found["flushes"] = flushes;
  report("redis_script_flushes", found);
  BOOST_TEST(verdict.lost == 0U);
  BOOST_TEST(verdict.duplicated == 0U);
  BOOST_TEST(verdict.unexpected() == 0);
}

BOOST_AUTO_TEST_CASE(a_node_whose_server_is_flushed_makes_itself_known_again_and_works_on) {
  RedisServer server;
  check_works_on(server, [&] { server.cli({"FLUSHALL"}); });
}

BOOST_AUTO_TEST_CASE(a_node_whose_server_comes_back_empty_makes_itself_known_again_and_works_on) {
  RedisServer server;
  check_works_on(server, [&] {
    server.kill();
    server.start();
  });
}
