// Tasks of every kind that kill their host, by the hundred: a node pays neither descriptors nor memory for them.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "fault/soak.hpp"
#include "fault/standing.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

const Setup kSetup{.plugins = {fixture("faulty.so")},
                   .executor = "lease = 5.0\ncpu_workers = 2\nblocking_threads = 2\nretry_delay = 0.05\n"};

// Tasks that may not be tried again, at once; every one of them has to be charged with one crash.
void crash_often(const Workplace& workplace, const std::string& prefix, int count) {
  const char* const kinds[] = {"cpu", "blocking", "io"};
  const char* const deeds[] = {"segv", "abort", "exit", "quit", "half_frame"};
  Command command = workplace.command({"submit", "--batch", "-", "--id", prefix});
  for (int i = 0; i < count; ++i) {
    const std::string task = std::string("faulty.") + kinds[i % 3] + "_" + deeds[i % 5];
    command.input += Json{{"task", task}, {"max_retries", 0}}.dump() + "\n";
  }
  BOOST_REQUIRE(run(command).code() == 0);
  for (int i = 1; i <= count; ++i) {
    const Json record = workplace.ended(prefix + "-" + std::to_string(i));
    BOOST_REQUIRE(record["state"] == "failed");
    BOOST_REQUIRE(record["crashes"] == 1);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(hosts_of_every_kind_that_die_in_every_way_leave_a_node_as_it_was) {
  adopt_orphans();
  const Workplace workplace(kSetup);
  auto node = workplace.node();
  crash_often(workplace, "warm", 60);
  const Standing before = standing_of(node->pid());
  const int crashes = rounds(60, 2000);
  for (int done = 0; done < crashes; done += 60) crash_often(workplace, "loop" + std::to_string(done), 60);
  const Standing after = standing_of(node->pid());
  report("crashes", {{"crashes", crashes},
                     {"descriptors", {before.descriptors, after.descriptors}},
                     {"resident_kib", {before.resident, after.resident}}});
  BOOST_TEST(after.descriptors <= before.descriptors + 8);  // of hosts and an unwinder that are just starting
#ifndef __SANITIZE_ADDRESS__                                // which keeps what was freed
  BOOST_TEST(after.resident <= before.resident + 4 * 1024);
#endif
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
  BOOST_TEST(childless());
}
