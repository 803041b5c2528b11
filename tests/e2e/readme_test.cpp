// The README's examples work as they are printed.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <vector>

#include "support/free_port.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
namespace fs = std::filesystem;

namespace {

// The README's blocks of one language under one heading, in order.
std::vector<std::string> blocks(const std::string& heading, const std::string& language) {
  std::ifstream page(source_file("README.md"));
  std::vector<std::string> out;
  bool under = false;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (!inside && line.starts_with("## ")) under = line == "## " + heading;
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      out.back() += line + "\n";
    } else if (under && line == "```" + language) {
      inside = true;
      out.emplace_back();
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += text;
  return out;
}

// A clone of the sources that has been built, with the README's plugin in it.
class Clone {
 public:
  Clone() {
    const fs::path source = source_file("");
    fs::create_directories(folder_ / "build/release");
    fs::create_directory_symlink(fs::path(program("flowrra")).parent_path(), folder_ / "build/release/bin");
    fs::create_directory_symlink(source / "plugin-sdk", folder_ / "plugin-sdk");
    std::ofstream(folder_ / "numbers.cpp") << joined(blocks("Use it", "cpp"));
  }
  [[nodiscard]] Outcome types(const std::string& commands) const {
    const std::string here = folder_.path();
    const std::string end = "set -e\ntrap 'kill $(jobs -p); wait' EXIT\n";
    return run({{"/bin/bash", "-c", end + commands}, {"XDG_DATA_HOME=" + here, "XDG_CACHE_HOME=" + here}, {}, here},
               3 * kPatience);
  }

 private:
  TempDir folder_;
};

const std::string kBuild = "scripts/build\n";  // has been done when tests run

}  // namespace

BOOST_AUTO_TEST_CASE(the_four_acts_of_the_readme_work_as_printed) {
  std::string acts = joined(blocks("Use it", "sh"));
  BOOST_REQUIRE(acts.starts_with(kBuild));
  const Outcome outcome = Clone().types(acts.substr(kBuild.size()));
  BOOST_TEST(outcome.out.find("state     success\n") != std::string::npos, outcome.out + outcome.err);
  BOOST_TEST(outcome.out.find("result    2.5\n") != std::string::npos);
}

#ifdef FLOWRRA_WITH_REDIS
BOOST_AUTO_TEST_CASE(what_the_readme_prints_for_many_machines_works_but_for_the_port) {
  const std::string build = blocks("Use it", "sh").at(0);
  std::string node = blocks("Use it", "sh").at(1);
  node.erase(node.find("flowrra run"));
  std::string machines = joined(blocks("On many machines", "sh"));
  const std::string printed = "6379";
  const std::string port = std::to_string(free_port());
  for (std::size_t at = 0; (at = machines.find(printed, at)) != std::string::npos;) {
    machines.replace(at, printed.size(), port);
  }
  const Outcome outcome = Clone().types(build.substr(kBuild.size()) + node + machines);
  BOOST_TEST(outcome.code() == 0, outcome.err);
  BOOST_TEST(outcome.out.find("\n2.5\n") != std::string::npos, outcome.out + outcome.err);
  BOOST_TEST(outcome.out.find("appendfsync is always") != std::string::npos, outcome.out);
}
#endif
