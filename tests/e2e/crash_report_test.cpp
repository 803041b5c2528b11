// What is known of a task that killed its host, as a user reads it, and what a node pays for a thousand such tasks.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/crashes.hpp"
#include "support/standing.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

const Setup kSetup{.plugins = {fixture("crashes.so")},
                   .executor = "lease = 5.0\ncpu_workers = 2\nblocking_threads = 2\nretry_delay = 0.05\n"};

Json crashes_line(int i) {
  return {{"task", i % 2 == 0 ? "crashes.cpu" : "crashes.blocking"}, {"args", {i % 3 == 0 ? "null" : "abort"}}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_crash_names_the_static_function_its_file_and_its_line) {
  const Workplace workplace(kSetup);
  auto node = workplace.node();
  for (const std::string task : {"crashes.cpu", "crashes.blocking"}) {
    const std::string id = workplace.submit({task, "words"});
    const Json record = workplace.ended(id);
    BOOST_TEST(record["state"] == "failed");
    const Json& crash = record["error"]["crash"];
    BOOST_TEST(crash["signal"] == "SIGSEGV");
    BOOST_TEST(crash["address"] == "0x0");
    BOOST_TEST(crash["plugin"]["name"] == "crashes");
    BOOST_TEST(crash["plugin"]["version"] == "3.1.4");
    BOOST_TEST(crash["output"] == Json({"one", "two", "three"}));
    const Json& frame = crash["frames"][0];
    BOOST_TEST(frame["function"] == "write_through_null");
    BOOST_TEST(has(frame["file"], "crashes.cpp"));
    BOOST_TEST(frame["line"] > 20);
    BOOST_TEST(frame["plugin"] == true);

    const std::string shown = workplace.flowrra({"result", id}).out;
    BOOST_TEST(has(shown, "SIGSEGV (11), SEGV_MAPERR"));
    BOOST_TEST(has(shown, "> #0  write_through_null at "));
    BOOST_TEST(has(shown, "output: three"));
    const std::string log = workplace.flowrra({"logs", id}).out;
    BOOST_TEST(has(log, "> #0  write_through_null at "));
    BOOST_TEST(has(log, "three"));
  }
}

BOOST_AUTO_TEST_CASE(hosts_that_die_again_and_again_cost_a_node_neither_descriptors_nor_memory) {
  const Workplace workplace(kSetup);
  auto node = workplace.node();
  crash_often(workplace, "warm", 100, crashes_line);
  const Standing before = standing_of(node->pid());
  crash_often(workplace, "loop", 300, crashes_line);
  const Standing after = standing_of(node->pid());
  BOOST_TEST(after.descriptors <= before.descriptors + 8);  // of a host or an unwinder that is just starting
#ifndef __SANITIZE_ADDRESS__                                // which keeps what was freed
  BOOST_TEST(after.resident <= before.resident + 4 * 1024);
#endif
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
}
