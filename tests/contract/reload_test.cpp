// What every store promises about reloads of a node's plugins.

#include <algorithm>

#include "bench.hpp"

namespace flowrra::test {

namespace {

TaskSpec spec(const std::string& name) {
  TaskSpec out;
  out.name = name;
  out.plugin = "plugin";
  return out;
}

Session session(const std::string& id, Ids tasks) {
  Session out;
  out.id = id;
  out.node = id + "-name";
  out.tasks = std::move(tasks);
  return out;
}

Ids names(Directory& directory) {
  Ids out;
  for (const TaskSpec& each : must(directory.specs())) out.push_back(each.name);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reload)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_node_that_is_asked_to_reload_is_woken_and_told_with_its_next_exchange, Driver,
                              Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  const int work = bench.broker().wake_fd();
  bench.broker().woken();
  ExchangeRequest turn;
  turn.take = bench.request(1);
  BOOST_TEST(must(bench.broker().exchange(turn)).reload == 0);
  BOOST_TEST(must(other->directory().ask_reload("node")) == 1);
  BOOST_TEST(rings(work));
  BOOST_TEST(must(other->directory().ask_reload("node")) == 2);
  BOOST_TEST(must(bench.broker().exchange(turn)).reload == 2);
  turn.progress = {{{"none", "node", 1, 0}, "{}", ""}};  // as a write, too
  BOOST_TEST(must(bench.broker().exchange(turn)).reload == 2);
  bench.open_session("second");
  turn.take = bench.request(1, {"work"}, {"default"}, "second");
  BOOST_TEST(must(bench.broker().exchange(turn)).reload == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nobody_is_asked_when_the_session_is_not_alive, Driver, Drivers) {
  Bench<Driver> bench;
  BOOST_TEST(code_of(bench.directory().ask_reload("unknown")) == Code::not_found);
  bench.clock.advance(bench.kLease);
  BOOST_TEST(code_of(bench.directory().ask_reload("node")) == Code::not_found);
  BOOST_TEST(code_of(bench.directory().update_session(session("node", {}), {})) == Code::stale);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_answer_wakes_those_who_wait_and_says_what_is_loaded, Driver, Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  const int outcomes = other->backend().wake_fd();
  must(other->directory().ask_reload("node"));
  Session changed = session("node", {"work", "more"});
  changed.generation = 2;
  changed.plugins = {{"/lib/a.so", "a", "1.1", "sha256:00", ""}, {"/lib/b.so", "", "", "", "it crashed"}};
  BOOST_TEST(is_silent(outcomes));
  must(bench.directory().update_session(changed, {}));
  BOOST_TEST(is_silent(outcomes));
  must(bench.directory().update_session(changed, ReloadAnswer{1, "no"}));
  BOOST_TEST(rings(outcomes));
  const NodeStatus node = must(other->directory().nodes()).at(0);
  BOOST_TEST(node.reload_asked == 1);
  BOOST_TEST(node.reload.request == 1);
  BOOST_TEST(node.reload.refused == "no");
  BOOST_TEST(node.session.generation == 2);
  BOOST_TEST((node.session.plugins == changed.plugins));
  BOOST_TEST(node.session.tasks == changed.tasks);
  must(bench.directory().update_session(changed, ReloadAnswer{1, ""}));
  BOOST_TEST(must(other->directory().nodes()).at(0).reload.refused == "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_session_is_opened_with_its_plugins, Driver, Drivers) {
  Bench<Driver> bench;
  Session second = session("second", {"work"});
  second.plugins = {{"/lib/a.so", "a", "1.0", "sha256:11", ""}};
  must(bench.directory().open_session(second, 30s));
  const auto nodes = must(bench.directory().nodes());
  BOOST_TEST((nodes.at(1).session.plugins == second.plugins));
  BOOST_TEST(nodes.at(1).session.generation == 1);
  BOOST_TEST(nodes.at(0).session.plugins.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_task_that_no_living_node_has_any_more_is_withdrawn, Driver, Drivers) {
  Bench<Driver> bench;
  must(bench.directory().open_session(session("second", {"shared", "gone", "kept"}), 30s));
  must(bench.directory().open_session(session("third", {"shared"}), 30s));
  must(bench.directory().publish(std::vector{spec("shared"), spec("gone"), spec("kept"), spec("unrelated")}));
  must(bench.directory().update_session(session("second", {"kept"}), {}));
  BOOST_TEST(names(bench.directory()) == (Ids{"kept", "shared", "unrelated"}));
  must(bench.directory().update_session(session("third", {}), {}));
  BOOST_TEST(names(bench.directory()) == (Ids{"kept", "unrelated"}));
}

// Tasks that wait for it may be there.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_version_stays_known_when_its_last_node_has_another, Driver, Drivers) {
  Bench<Driver> bench;
  must(bench.directory().open_session(session("second", {"work", "work@0a1b2c3d"}), 30s));
  must(bench.directory().publish(std::vector{spec("work"), spec("work@0a1b2c3d")}));
  must(bench.directory().update_session(session("second", {"work", "work@ffffffff"}), {}));
  BOOST_TEST(names(bench.directory()) == (Ids{"work", "work@0a1b2c3d"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
