// Tasks of every kind that kill their host, by the hundred: a node pays neither descriptors nor memory for them.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "fault/soak.hpp"
#include "support/crashes.hpp"
#include "support/standing.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

const Setup kSetup{.plugins = {fixture("faulty.so")},
                   .executor = "lease = 5.0\ncpu_workers = 2\nblocking_threads = 2\nretry_delay = 0.05\n"};

// A task of each kind in turn, which dies in one way after the other.
Json faulty_line(int i) {
  const char* const kinds[] = {"cpu", "blocking", "io"};
  const char* const deeds[] = {"segv", "abort", "exit", "quit", "half_frame"};
  return {{"task", std::string("faulty.") + kinds[i % 3] + "_" + deeds[i % 5]}, {"max_retries", 0}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(hosts_of_every_kind_that_die_in_every_way_leave_a_node_as_it_was) {
  adopt_orphans();
  const Workplace workplace(kSetup);
  auto node = workplace.node();
  crash_often(workplace, "warm", 60, faulty_line);
  const Standing before = standing_of(node->pid());
  const int crashes = rounds(60, 2000);
  for (int done = 0; done < crashes; done += 60) crash_often(workplace, "loop" + std::to_string(done), 60, faulty_line);
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
