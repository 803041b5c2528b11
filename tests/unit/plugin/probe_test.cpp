#include "plugin/probe.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/build_tree.hpp"
#include "support/temp_dir.hpp"

using namespace flowrra;

namespace {

std::string host_program() { return test::program("flowrra-host"); }
std::string fixture(const std::string& name) { return test::fixture(name + ".so"); }

// What is said of a fixture that cannot be used; empty when it can.
std::string refused(const std::string& path, Micros timeout = kProbeTimeout) {
  const auto manifest = probe_plugin(host_program(), path, timeout);
  return manifest ? "" : manifest.error().message;
}

void check_says(const std::string& message, const std::string& path, const std::vector<std::string>& parts) {
  BOOST_TEST(message.find(path) != std::string::npos, message);
  for (const std::string& part : parts)
    BOOST_TEST(message.find(part) != std::string::npos, message << " has no " << part);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(probe)

BOOST_AUTO_TEST_CASE(a_good_plugin_gives_its_manifest) {
  const auto manifest = probe_plugin(host_program(), fixture("faulty"));
  BOOST_REQUIRE(manifest.ok());
  BOOST_TEST(manifest->plugin == "faulty");
  BOOST_TEST(manifest->version == "1.0.0");
  BOOST_TEST(manifest->path == fixture("faulty"));
  const auto found = std::ranges::find(manifest->tasks, "faulty.blocking_echo", &TaskSpec::name);
  BOOST_REQUIRE((found != manifest->tasks.end()));
  BOOST_TEST((found->kind == Kind::io));
  BOOST_TEST(found->blocking);
  BOOST_TEST(found->plugin == "faulty");
}

BOOST_AUTO_TEST_CASE(each_bad_plugin_is_refused_with_what_is_wrong) {
  const auto check = [](const std::string& name, const std::vector<std::string>& parts) {
    check_says(refused(fixture(name)), fixture(name), parts);
  };
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they catch the signal
  check("bad_constructor", {"SIGSEGV", "while it was loaded", "about to crash"});
#endif
  check("bad_exit", {"ended the process by itself"});
  check("bad_abi", {"version 2", "version 1"});
  check("bad_symbol", {"flowrra_plugin_entry"});
  check("bad_undefined", {"undefined symbol", "flowrra_fixture_nobody_defines_this"});
  check("bad_duplicate", {"faulty.cpu_echo", "twice"});
  check("bad_init", {"no licence for Tuesdays"});
  check("bad_name", {"two words"});
}

BOOST_AUTO_TEST_CASE(a_plugin_that_hangs_is_killed_at_its_time) {
  const std::string message = refused(fixture("bad_hang"), std::chrono::milliseconds(300));
  check_says(message, fixture("bad_hang"), {"300 ms"});
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_library_is_refused) {
  const test::TempDir folder;
  const std::string path = (folder / "text.so").string();
  std::ofstream(path) << "this is not ELF, whatever its name says, and long enough to be looked at closely by anybody";
  check_says(refused(path), path, {"invalid ELF header"});
  const std::string empty = (folder / "empty.so").string();
  std::ofstream{empty};
  check_says(refused(empty), empty, {"too short"});
  check_says(refused(folder / "none.so"), folder / "none.so", {"no such file"});
}

BOOST_AUTO_TEST_CASE(many_are_probed_in_order_and_the_bad_ones_stop_nobody) {
  const std::vector<std::string> names = {"faulty",   "bad_exit", "bad_hang",      "bad_abi",
                                          "bad_twin", "bad_init", "bad_undefined", "faulty"};
  std::vector<PluginFile> paths;
  for (const std::string& name : names) paths.push_back(fixture(name));
  const auto manifests = probe_plugins(host_program(), paths, std::chrono::milliseconds(1500), 3);
  BOOST_REQUIRE(manifests.size() == paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    BOOST_TEST(manifests[i].path == paths[i].path);
    const bool good = names[i] == "faulty" || names[i] == "bad_twin";
    BOOST_TEST(manifests[i].refused.empty() == good, manifests[i].refused);
  }
}

BOOST_AUTO_TEST_CASE(a_host_program_that_is_not_there_is_an_error) {
  const auto manifest = probe_plugin("/nonexistent/flowrra-host", fixture("faulty"));
  BOOST_REQUIRE(!manifest.ok());
  BOOST_TEST(manifest.error().message.find("/nonexistent/flowrra-host") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
