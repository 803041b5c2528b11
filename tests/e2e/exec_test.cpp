// `flowrra exec` when it is interrupted.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/gate.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

BOOST_TEST_GLOBAL_FIXTURE(Orphanage);

// The grace is longer than the tests wait.
const Setup kSetup{.plugins = {fixture("gate.so"), fixture("faulty.so")}, .executor = "kill_grace = 600.0\n"};

}  // namespace

BOOST_AUTO_TEST_CASE(an_interrupt_asks_the_task_to_end) {
  const Workplace workplace(kSetup);
  const Gate gate(workplace);
  int times = 0;
  for (const int number : {SIGINT, SIGTERM}) {
    for (const std::string task : {"gate.cpu", "gate.blocking"}) {
      Process process(workplace.command({"exec", "-o", "json", task, gate.path()}));
      gate.reached(static_cast<std::size_t>(++times));
      process.signal(number);
      const Outcome outcome = process.wait();
      BOOST_TEST(outcome.code() == 130);
      BOOST_TEST(outcome.out == "");
      BOOST_TEST(has(outcome.err, R"("code":"interrupted")"), outcome.err);
      BOOST_TEST(!has(outcome.err, "drain"), outcome.err);
      BOOST_TEST(childless());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_second_interrupt_waits_for_nothing) {
  const Workplace workplace(kSetup);
  for (const std::string kind : {"cpu", "blocking"}) {
    Process process(workplace.command({"--log-level", "info", "exec", "faulty." + kind + "_say_and_hang"}));
    process.wait_for_error_text("begun");
    process.signal(SIGINT);
    process.wait_for_error_text("once more to kill it");
    process.signal(SIGINT);
    const Outcome outcome = process.wait();
    BOOST_TEST(outcome.code() == 130);
    BOOST_TEST(has(outcome.err, "interrupted"), outcome.err);
    BOOST_TEST(childless());
  }
}
