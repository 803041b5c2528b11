// The examples of docs/library.md are the programs that are built and run here.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "support/workplace.hpp"

namespace flowrra::test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Outcome example(const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> line{(fs::read_symlink("/proc/self/exe").parent_path() / name).string()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return run({line, {}, {}, {}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(examples)

BOOST_AUTO_TEST_CASE(the_page_prints_the_programs_as_they_are) {
  const fs::path docs = source_file("docs");
  const std::string page = content(docs / "library.md");
  for (const char* name : {"embed_node.cpp", "submit_only.cpp"}) {
    const std::string block = "```cpp\n" + content(docs / "examples" / name) + "```\n";
    BOOST_TEST(page.find(block) != std::string::npos, name << " is not printed as it is");
  }
}

BOOST_AUTO_TEST_CASE(the_program_that_embeds_a_node_runs_its_own_functions) {
  const Workplace workplace{Setup{}};
  const std::string wanted =
      "total: 6.5\nreminded Ada\ncrash: failed, its host died by SIGABRT (signal 6) while it ran";
  BOOST_TEST(example("embed_node", {}).out.starts_with(wanted));
  const Outcome stored = example("embed_node", {"sqlite://" + (workplace / "shop.db").string()});
  BOOST_TEST(stored.out.starts_with(wanted), stored.out);
  BOOST_TEST(stored.code() == 0);
}

BOOST_AUTO_TEST_CASE(the_program_that_only_submits_has_its_tasks_run_by_a_node) {
  const Workplace workplace({.plugins = {sample("text.so")}});
  auto node = workplace.node();
  const Outcome outcome = example("submit_only", {"sqlite://" + (workplace / "store/flowrra.db").string()});
  BOOST_TEST(outcome.out.starts_with("sum: 440\n\"ho ho ho\"\nrefused: "));
  BOOST_TEST(outcome.code() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
