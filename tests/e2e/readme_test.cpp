// The README's example works as it is printed.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
namespace fs = std::filesystem;

namespace {

// The blocks of one language, in order and joined.
std::string blocks(const fs::path& file, const std::string& language) {
  std::ifstream page(file);
  std::ostringstream out;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      out << line << "\n";
    } else if (line == "```" + language) {
      inside = true;
    }
  }
  return out.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_four_acts_of_the_readme_work_as_printed) {
  const fs::path source = source_file("");
  const std::string code = blocks(source / "README.md", "cpp");
  std::string acts = blocks(source / "README.md", "sh");
  const std::string build = "scripts/build\n";  // has been done when tests run
  BOOST_REQUIRE(acts.starts_with(build));
  acts.erase(0, build.size());
  BOOST_REQUIRE(!code.empty());

  const TempDir clone;
  fs::create_directories(clone / "build/release");
  fs::create_directory_symlink(fs::path(program("flowrra")).parent_path(), clone / "build/release/bin");
  fs::create_directory_symlink(source / "plugin-sdk", clone / "plugin-sdk");
  std::ofstream(clone / "numbers.cpp") << code;
  const std::string here = clone.path();
  const Outcome outcome = run({{"/bin/bash", "-c", "set -e\ntrap 'kill %1; wait' EXIT\n" + acts},
                               {"XDG_DATA_HOME=" + here, "XDG_CACHE_HOME=" + here},
                               {},
                               here},
                              3 * kPatience);
  BOOST_TEST(outcome.out.find("state     success\n") != std::string::npos, outcome.out + outcome.err);
  BOOST_TEST(outcome.out.find("result    2.5\n") != std::string::npos);
}
