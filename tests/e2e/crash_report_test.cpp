// What is known of a task that killed its host, as a user reads it, and what a node pays for a thousand such tasks.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

const Setup kSetup{.plugins = {fixture("crashes.so")},
                   .executor = "lease = 5.0\ncpu_workers = 2\nblocking_threads = 2\nretry_delay = 0.05\n"};

std::size_t descriptors(pid_t pid) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    ++count;
  }
  return count;
}

// In KiB.
long resident(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

void crash_often(const Workplace& workplace, const std::string& prefix, int count) {
  Command command = workplace.command({"submit", "--batch", "-", "--id", prefix});
  for (int i = 0; i < count; ++i) {
    const char* const task = i % 2 == 0 ? "crashes.cpu" : "crashes.blocking";
    command.input += Json{{"task", task}, {"args", {i % 3 == 0 ? "null" : "abort"}}}.dump() + "\n";
  }
  BOOST_REQUIRE(run(command).code() == 0);
  for (int i = 1; i <= count; ++i) {
    const Json record = workplace.ended(prefix + "-" + std::to_string(i));
    BOOST_REQUIRE(record["state"] == "failed");
    BOOST_REQUIRE(record["crashes"] == 1);
  }
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
  crash_often(workplace, "warm", 100);
  const std::size_t descriptors_before = descriptors(node->pid());
  [[maybe_unused]] const long resident_before = resident(node->pid());
  crash_often(workplace, "loop", 300);
  BOOST_TEST(descriptors(node->pid()) <= descriptors_before + 8);  // of a host or an unwinder that is just starting
#ifndef __SANITIZE_ADDRESS__                                       // which keeps what was freed
  BOOST_TEST(resident(node->pid()) <= resident_before + 4 * 1024);
#endif
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
}
