#pragma once

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/workplace.hpp"

// What the tests of plugins that are replaced share.
namespace flowrra::test {

inline Setup setup_of(std::vector<std::string> plugins, int cpu_workers = 2, const std::string& lease = "5.0") {
  return {.plugins = std::move(plugins),
          .executor = "retry_delay = 0.05\nkill_grace = 1.0\nblocking_threads = 2\nlease = " + lease +
                      "\ncpu_workers = " + std::to_string(cpu_workers) + "\n"};
}

inline nlohmann::json node_of(const Workplace& workplace) {
  return nlohmann::json::parse(workplace.flowrra({"status", "-o", "json"}).out)["nodes"][0];
}

inline void expect_end(Process& node) {
  node.signal(SIGTERM);
  BOOST_TEST(node.wait().code() == 0);
  BOOST_TEST(childless());
}

}  // namespace flowrra::test
