#include "plugin/find.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "support/temp_dir.hpp"

using namespace flowrra;

namespace {

struct Folder {
  Folder() {
    for (const char* name : {"b.so", "a.so", "notes.txt"}) std::ofstream{(dir / name).string()};
    std::filesystem::create_directories(dir / "inner.so");
    std::filesystem::create_directories(dir / "empty");
  }
  [[nodiscard]] std::string at(const std::string& name) const { return (dir / name).string(); }
  test::TempDir dir;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(find, Folder)

BOOST_AUTO_TEST_CASE(a_folder_stands_for_the_plugins_in_it_by_name) {
  const auto found = find_plugins({dir.path().string()});
  BOOST_REQUIRE(found.ok());
  BOOST_TEST(*found == (std::vector<std::string>{at("a.so"), at("b.so")}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_and_patterns_keep_their_order_and_come_once) {
  const auto found = find_plugins({at("b.so"), at("*.so"), at("empty/../a.so")});
  BOOST_REQUIRE(found.ok());
  BOOST_TEST(*found == (std::vector<std::string>{at("b.so"), at("a.so")}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_path_that_leads_nowhere_is_named) {
  for (const char* path : {"none.so", "x*.so", "empty"}) {
    const auto found = find_plugins({at("a.so"), at(path)});
    BOOST_REQUIRE(!found.ok());
    BOOST_TEST((found.error().code == Code::not_found));
    BOOST_TEST(found.error().message.find(at(path)) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(no_paths_give_no_plugins) {
  const auto found = find_plugins({});
  BOOST_REQUIRE(found.ok());
  BOOST_TEST(found->empty());
}

BOOST_AUTO_TEST_SUITE_END()
