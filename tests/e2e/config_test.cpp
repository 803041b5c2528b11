// `flowrra config show` and `flowrra config check`.

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra;
using namespace flowrra::test;
using nlohmann::json;

namespace {

Setup with(const std::vector<std::string>& plugins, const std::string& more = {}) {
  Setup setup;
  setup.plugins = plugins;
  setup.more = more;
  return setup;
}

// The finding about `subject` of `flowrra config check -o json`.
json finding(const Outcome& outcome, const std::string& subject) {
  for (const json& each : json::parse(outcome.out)) {
    if (each["subject"] == subject) return each;
  }
  return {};
}

}  // namespace

// libc asks all services of /etc/nsswitch.conf for such a user, and must not load them into a static program.
BOOST_AUTO_TEST_CASE(a_user_whom_nobody_knows_has_a_configuration_without_a_home) {
  const auto as_nobody = [](std::vector<std::string> line) {
    line.insert(line.begin(),
                {"/usr/bin/env", "-i", "/usr/bin/setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"});
    return run(Command{std::move(line), {}, {}, "/"});
  };
  // Only root becomes somebody else, and not everywhere may that one see the build tree.
  if (as_nobody({"/usr/bin/test", "-x", program("flowrra")}).code() != 0) return;
  const Outcome shown = as_nobody({program("flowrra"), "config", "show"});
  BOOST_TEST(shown.code() == 0, shown.err);
  BOOST_TEST(has(shown.out, "sqlite:///.local/share/flowrra/flowrra.db"), shown.out);
}

BOOST_AUTO_TEST_CASE(the_shown_configuration_can_be_used_as_a_file) {
  const Workplace place(with({fixture("typed.so")}, "[tasks.\"typed.text\"]\ntimeout = 5\n"));
  const Outcome shown = place.flowrra({"config", "show"});
  BOOST_TEST(shown.code() == 0);
  std::ofstream(place / "other.toml") << shown.out;
  const Outcome again = place.flowrra({"--config", "other.toml", "config", "show", "-o", "json"});
  BOOST_TEST(again.out == place.flowrra({"config", "show", "-o", "json"}).out);
  BOOST_TEST(json::parse(again.out)["tasks"]["typed.text"]["timeout"] == 5.0);
}

BOOST_AUTO_TEST_CASE(a_pin_that_names_no_plugin_is_found) {
  const std::string digest = "sha256:" + std::string(64, '0');
  const Workplace place(with({fixture("typed.so")}, "[plugins.pin]\n\"tpyed.so\" = \"" + digest + "\"\n"));
  const Outcome checked = place.flowrra({"config", "check", "-o", "json"});
  BOOST_TEST(checked.code() == 2, checked.err);
  BOOST_TEST(has(finding(checked, "plugins.pin")["message"], "'tpyed.so' is no plugin"), checked.out);
}

BOOST_AUTO_TEST_CASE(origins_name_file_variable_and_flag) {
  const Workplace place(with({}));
  Command command = place.command({"--log-level", "error", "config", "show", "--origin"});
  command.environment.push_back("FLOWRRA_EXECUTOR_IO_WORKERS=9");
  const Outcome shown = run(command);
  BOOST_TEST(has(shown.out, "io_workers = 9  # environment FLOWRRA_EXECUTOR_IO_WORKERS\n"), shown.out);
  BOOST_TEST(has(shown.out, "lease = 2.0  # file " + (place / "flowrra.toml").string() + ":4\n"), shown.out);
  BOOST_TEST(has(shown.out, "level = \"error\"  # flag --log-level\n"), shown.out);
  BOOST_TEST(has(shown.out, "io_hosts = 1  # built-in\n"), shown.out);
  const Outcome lines = place.flowrra({"config", "show", "-o", "jsonl"});
  BOOST_TEST(has(lines.out, R"({"key":"executor.io_hosts","value":1,"source":"built-in","where":null})"), lines.out);
  BOOST_TEST(has(place.flowrra({"config", "show", "-o", "id"}).out, "\nexecutor.io_hosts\n"));
}

BOOST_AUTO_TEST_CASE(checking_a_good_configuration_makes_no_store) {
  const Workplace place(with({fixture("typed.so")}));
  const Outcome checked = place.flowrra({"config", "check", "-o", "json"});
  BOOST_TEST(checked.code() == 0);
  BOOST_TEST(has(finding(checked, "broker")["message"], "does not exist yet"));
  BOOST_TEST(finding(checked, fixture("typed.so"))["level"] == "ok");
  BOOST_TEST(!std::filesystem::exists(place / "store"));
  BOOST_TEST(place.flowrra({"submit", "typed.text", "x"}).code() == 0);
  BOOST_TEST(
      has(finding(place.flowrra({"config", "check", "-o", "json"}), "broker")["message"], "can be read and written"));
}

BOOST_AUTO_TEST_CASE(each_mistake_is_a_finding_with_its_exit_code) {
  const Workplace bad(with({fixture("typed.so"), fixture("bad_exit.so")}));
  const Outcome refused = bad.flowrra({"config", "check", "-o", "json"});
  BOOST_TEST(refused.code() == 2);
  BOOST_TEST(has(finding(refused, fixture("bad_exit.so"))["message"], "ended the process"));
  BOOST_TEST(finding(refused, fixture("typed.so"))["level"] == "ok");

  const Workplace missing(with({"/nowhere/none.so"}));
  BOOST_TEST(missing.flowrra({"config", "check"}).code() == 3);

  const Workplace place(with({}));
  std::ofstream(place / "bad.toml") << "[executor]\nio_worker = 1\n";
  const Outcome unknown = place.flowrra({"--config", "bad.toml", "config", "check"});
  BOOST_TEST(unknown.code() == 2);
  BOOST_TEST(has(unknown.out, "bad.toml:2:1: unknown key executor.io_worker"), unknown.out);

  Command command = place.command({"config", "check"});
  command.environment.push_back("FLOWRRA_PLUGINS_HOST=/nowhere/flowrra-host");
  BOOST_TEST(run(command).code() == 3);
  std::ofstream(place / "junk.db") << std::string(10'000, 'x');
  command.environment.back() = "FLOWRRA_BROKER_URL=sqlite://junk.db";
  BOOST_TEST(run(command).code() == 7);
  command.environment.back() = "FLOWRRA_BROKER_URL=radish://u:hunter2@localhost";
  const Outcome scheme = run(command);
  BOOST_TEST(scheme.code() == 2);
  BOOST_TEST(!has(scheme.out + scheme.err, "hunter2"));
}

BOOST_AUTO_TEST_CASE(what_looks_like_a_slip_is_a_warning) {
  const Workplace place(with({fixture("typed.so")}, "[tasks.\"typed.txet\"]\ntimeout = 5\n[queues]\nmail = 1\n"));
  const Outcome checked = place.flowrra({"config", "check", "-o", "json"});
  BOOST_TEST(checked.code() == 0);
  BOOST_TEST(finding(checked, "[tasks.\"typed.txet\"]")["hint"] == "Did you mean 'typed.text'?");
  BOOST_TEST(finding(checked, "queues")["level"] == "warning");
}

BOOST_AUTO_TEST_CASE(verbs_and_words_are_checked) {
  const Workplace place(with({}));
  for (const std::vector<std::string>& line : {std::vector<std::string>{"config"},
                                               {"config", "shw"},
                                               {"config", "show", "x"},
                                               {"config", "check", "--origin"}}) {
    BOOST_TEST(place.flowrra(line).code() == 2);
  }
  BOOST_TEST(has(place.flowrra({"config", "shw"}).err, "Did you mean 'show'?"));
}
