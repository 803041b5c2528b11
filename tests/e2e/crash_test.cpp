// Tasks that kill their host, of every kind: the one is charged, those beside it are not, and the node goes on.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/gate.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

const Setup kSetup{.plugins = {fixture("gate.so"), fixture("faulty.so")},
                   .executor =
                       "lease = 5.0\ncpu_workers = 2\nretry_delay = 0.05\nkill_grace = 0.3\n"
                       "blocking_threads = 4\n"};

BOOST_TEST_GLOBAL_FIXTURE(Orphanage);

// Runs the deed beside two tasks that may not be tried twice. They wait at their gate when the host dies; those of the
// same host come to it again, at least the first of them before the culprit is found, where nobody knows who it was.
void check_bystanders(const Workplace& workplace, const std::string& task, bool same_host) {
  const Gate gate(workplace, "gate-" + task);
  std::vector<std::string> bystanders;
  for (int i = 0; i < 2; ++i) {
    const char* const kind = i == 0 || same_host ? "gate.blocking" : "gate.cpu";
    bystanders.push_back(workplace.submit({kind, gate.path(), "--max-retries", "0"}));
  }
  gate.reached(2);
  const std::string charged = workplace.submit({"faulty." + task, "--max-retries", "0"});
  if (same_host) gate.reached(3);
  gate.open(2);
  const Json culprit = workplace.ended(charged);
  BOOST_TEST(culprit["state"] == "failed");
  BOOST_TEST(culprit["attempt"] == 1);
  for (const std::string& id : bystanders) {
    const Json record = workplace.ended(id);
    BOOST_TEST(record["state"] == "success");
    BOOST_TEST(record["attempt"] == 1);
    BOOST_TEST(record["crashes"] == 0);
  }
}

void check_kind(const std::string& kind, bool same_host) {
  const Workplace workplace(kSetup);
  auto node = workplace.node();
  for (const std::string deed : {"segv", "abort", "exit", "quit", "throw", "overflow"}) {
    BOOST_TEST_CONTEXT(kind << "_" << deed) { check_bystanders(workplace, kind + "_" + deed, same_host); }
  }
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
  BOOST_TEST(childless());
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_cpu_task_that_kills_its_host_is_charged_alone) { check_kind("cpu", false); }

BOOST_AUTO_TEST_CASE(an_io_task_that_kills_its_host_is_charged_alone) { check_kind("io", true); }

BOOST_AUTO_TEST_CASE(a_blocking_task_that_kills_its_host_is_charged_alone) { check_kind("blocking", true); }

BOOST_AUTO_TEST_CASE(a_hanging_task_is_charged_with_its_timeout_and_those_beside_it_run_again) {
  const Workplace workplace(kSetup);
  auto node = workplace.node();
  for (const std::string kind : {"io", "blocking"}) {
    BOOST_TEST_CONTEXT(kind) {
      const Gate gate(workplace, "gate-" + kind);
      const std::string bystander = workplace.submit({"gate.blocking", gate.path(), "--max-retries", "0"});
      gate.reached(1);
      const std::vector<std::string> words{"faulty." + kind + "_hang", "--timeout", "0.3", "--max-retries", "0"};
      BOOST_TEST(workplace.ended(workplace.submit(words))["error"]["code"] == "timeout");
      gate.open();
      const Json record = workplace.ended(bystander);
      BOOST_TEST(record["state"] == "success");
      BOOST_TEST(record["attempt"] == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_task_that_crashes_again_and_again_is_failed_as_poison_with_its_report) {
  const Workplace workplace(kSetup);
  auto node = workplace.node();
  const std::string id = workplace.submit({"faulty.cpu_segv", "--max-retries", "9", "--retry-delay", "0.01"});
  const Json record = workplace.ended(id);
  BOOST_TEST(record["state"] == "failed");
  BOOST_TEST(record["crashes"] == 3);
  BOOST_TEST(record["error"]["code"] == "poison");
  BOOST_TEST(record["error"]["crash"]["signal"] == "SIGSEGV");
}
