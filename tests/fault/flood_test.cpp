// Tasks that print without end: a node keeps the last of it, counts the rest, and does not grow.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "fault/soak.hpp"
#include "support/standing.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
namespace {

constexpr long kMost = 16 * 1024;  // KiB that a node may grow
constexpr std::chrono::milliseconds kSample{10};

// The most that the node holds while the task runs.
long peak(const Workplace& workplace, const Process& node, const std::string& task, const std::string& mib) {
  long most = 0;
  auto submitter =
      Process(workplace.command({"submit", task, mib, "--max-retries", "0", "--wait", "--id", task, "--timeout", "0"}));
  while (!submitter.ends_within(kSample)) most = std::max(most, standing_of(node.pid()).resident);
  BOOST_TEST(submitter.wait().code() == 0);
  return most;
}

}  // namespace

BOOST_AUTO_TEST_CASE(
    a_gibibyte_on_standard_output_makes_neither_a_node_nor_its_log_grow_and_what_is_left_out_is_counted) {
  const Workplace workplace({.plugins = {fixture("faulty.so")}});
  Process node(workplace.command({"run"}));
  (void)workplace.ended(workplace.submit({"faulty.cpu_flood", "8"}));
  (void)workplace.ended(workplace.submit({"faulty.blocking_flood", "8"}));
  const long before = standing_of(node.pid()).resident;
  nlohmann::ordered_json found;
  for (const std::string task : {"faulty.cpu_flood", "faulty.blocking_flood"}) {
    const std::string mib = task == "faulty.cpu_flood" ? "1024" : std::to_string(rounds(64, 1024));
    const long grown = peak(workplace, node, task, mib) - before;
    found[task] = grown;
    BOOST_TEST(grown <= kMost);
  }
  const Outcome log = workplace.flowrra({"logs", "faulty.cpu_flood"});
  BOOST_TEST(log.out.size() < 256U * 1024);
  BOOST_TEST(has(log.err, "older lines are not kept"), log.err);
  node.signal(SIGTERM);
  BOOST_TEST(node.wait().err.size() < std::size_t{8} << 20U);  // nor does its log hold all that
  report("flood_grown_kib", found);
}
