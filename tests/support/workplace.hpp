#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "support/build_tree.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::test {

// What a workplace's flowrra.toml says. Tests want short leases and few processes.
struct Setup {
  std::vector<std::string> plugins = {};  // absolute files
  std::string broker = {};                // URL; empty: a SQLite file of the workplace
  std::string backend = {};               // URL; empty: the broker's
  std::string executor = "lease = 2.0\ncpu_workers = 2\nretry_delay = 0.05\n";  // lines of [executor]
  std::string more = {};                                                        // whole sections
  std::string broker_more = {};                                                 // further lines of [broker]
  std::string backend_more = {};                                                // and of [backend]
};

// A folder with a flowrra.toml and a store of its own, and commands that run there. One for each test case.
class Workplace {
 public:
  explicit Workplace(const Setup& setup);

  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

  // The command `flowrra ARGUMENTS…` in this folder, ready to be changed, run or started.
  [[nodiscard]] Command command(std::vector<std::string> arguments) const;

  // Runs `flowrra ARGUMENTS…` to its end.
  [[nodiscard]] Outcome flowrra(std::vector<std::string> arguments) const;

  // `flowrra submit ARGUMENTS…`: the id. Throws when it does not exit with 0.
  [[nodiscard]] std::string submit(std::vector<std::string> arguments) const;

  // The task's record as `flowrra result ID -o json` prints it; ended() waits for its end. Throw when there is none.
  [[nodiscard]] nlohmann::json record(const std::string& id) const;
  [[nodiscard]] nlohmann::json ended(const std::string& id) const;

  // Starts `flowrra run ARGUMENTS…` and waits until it says that it takes work. When the test case has failed, what
  // the node wrote is printed at its end.
  [[nodiscard]] std::unique_ptr<Process> node(std::vector<std::string> arguments = {}) const;

  // Waits until a file of this folder has the wanted number of lines; the lines.
  std::vector<std::string> lines(const std::string& file, std::size_t wanted) const;

 private:
  TempDir folder_;
};

// Makes this process the one that orphans of its children fall to, so that none goes unseen. At a test's start.
void adopt_orphans();
// The same for a whole program: BOOST_TEST_GLOBAL_FIXTURE(Orphanage).
struct Orphanage {
  Orphanage() { adopt_orphans(); }
};
// True when no child or adopted orphan is left; ended ones are reaped.
bool childless();
// Reaps every child and adopted orphan, waiting for those that still run.
void reap_orphans();

}  // namespace flowrra::test
