// A node whose disk fails at any call, and one whose wall clock jumps: every task ends once with its result.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "fault/shim.hpp"
#include "fault/soak.hpp"
#include "support/gate.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

const Setup kNode{.plugins = {fixture("gate.so"), fixture("faulty.so")},
                  .executor = "lease = 1.0\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n"};

}  // namespace

BOOST_AUTO_TEST_CASE(a_drain_whose_disk_fails_at_any_call_loses_nothing) {
  constexpr int kTasks = 5;
  constexpr int kMostCalls = 400;
  int unhurt = 0;  // runs in a row that ended well: the call is behind the last
  for (int call = 1; call < kMostCalls && unhurt < 3; call += soaking() ? 1 : 2) {
    const Workplace workplace(kNode);
    std::vector<std::string> ids;
    ids.reserve(kTasks);
    for (int i = 0; i < kTasks; ++i) {
      ids.push_back(workplace.submit({"faulty.cpu_echo", std::to_string(i), "--unchecked"}));
    }
    const Outcome hurt = run(with_shim(workplace.command({"run", "--drain"}), {{"FAIL", std::to_string(call)}}));
    BOOST_TEST_CONTEXT("call " << call << ", " << hurt.err) {
      BOOST_TEST(!hurt.end.signalled);
      BOOST_TEST((hurt.code() == 0 || hurt.code() == 7 || hurt.code() == 8));
      BOOST_TEST(workplace.flowrra({"run", "--drain"}).code() == 0);
      for (const std::string& id : ids) {
        const Json record = workplace.record(id);
        BOOST_TEST(record["state"] == "success");
        BOOST_TEST(record["attempt"] == 1);
      }
    }
    unhurt = hurt.code() == 0 && hurt.err.find("disk failed") == std::string::npos ? unhurt + 1 : 0;
  }
}

BOOST_AUTO_TEST_CASE(a_jump_of_the_wall_clock_takes_no_task_from_its_node) {
  const Workplace workplace(kNode);
  const Gate gate(workplace);
  WallClock clock(workplace / "clock");
  Process node(with_shim(workplace.command({"run"}), {clock.fault()}));
  node.wait_for_error_text("ready: ");
  for (const auto jump : {1h, -1h}) {
    const std::string id = workplace.submit({"gate.cpu", gate.path()});
    gate.reached(jump > 0h ? 1 : 2);
    clock.set_off_by(jump);
    // Longer than a lease goes by.
    const Json sleeper = workplace.ended(workplace.submit({"faulty.io_sleep", "1500"}));
    BOOST_TEST(sleeper["state"] == "success");
    const bool ahead = sleeper["started_at"] > sleeper["submitted_at"];  // the node's clock, and this one
    BOOST_TEST(ahead == (jump > 0h));
    gate.open();
    const Json record = workplace.ended(id);
    BOOST_TEST(record["state"] == "success");
    BOOST_TEST(record["attempt"] == 1);
    clock.set_off_by(0s);
  }
  node.signal(SIGTERM);
  BOOST_TEST(node.wait().code() == 0);
}
