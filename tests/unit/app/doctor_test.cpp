#include "app/doctor.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace flowrra;
using namespace std::chrono_literals;
using Level = Finding::Level;

namespace {

const WallTime kNow = wall_from_micros(1'800'000'000'000'000);

NodeStatus status(Micros expires_in = 25s) {
  NodeStatus out;
  out.session.id = "session";
  out.session.node = "host-a";
  out.session.pid = 7;
  out.session.tasks = {"text.add"};
  out.session.queues = {"default"};
  out.alive = expires_in > 0s;
  out.expires_in = expires_in;
  NodeHealth health;
  health.at = kNow - 5s;
  health.lease = 30s;
  out.health = to_json(health);
  return out;
}

NodeStatus stuck() {
  NodeStatus out = status();
  NodeHealth health;
  health.at = kNow;
  health.lease = 30s;
  health.parts = {{"dispatcher", Micros(9s), 0, {}, "the broker fails for 9s: no disk"}};
  out.health = to_json(health);
  return out;
}

WorkPicture picture(std::vector<NodeStatus> nodes) {
  WorkPicture out;
  out.nodes = node_views(std::move(nodes));
  out.now = kNow;
  return out;
}

// The finding about the subject; the last of several.
Finding about(const WorkPicture& picture, const std::string& subject) {
  const auto found = check_work(picture);
  const auto at =
      std::find_if(found.rbegin(), found.rend(), [&](const Finding& each) { return each.subject == subject; });
  return at == found.rend() ? Finding{Level::ok, "none", {}, {}, {}} : *at;
}

bool all_ok(const WorkPicture& picture) {
  const auto found = check_work(picture);
  return std::ranges::all_of(found, [](const Finding& each) { return each.level == Level::ok; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(doctor)

BOOST_AUTO_TEST_CASE(a_live_node_and_no_trouble_is_well) {
  auto fine = picture({status()});
  fine.counts = {{"default", "text.add", State::pending, 3}, {"mail", "text.add", State::success, 3}};
  fine.newest_submit = kNow - 1s;
  BOOST_TEST(all_ok(fine));
}

BOOST_AUTO_TEST_CASE(nodes_that_are_stuck_silent_dead_or_missing_are_found) {
  BOOST_TEST((about(picture({stuck()}), "node host-a").level == Level::error));
  BOOST_TEST(about(picture({stuck()}), "node host-a").message.find("no disk") != std::string::npos);
  BOOST_TEST((about(picture({status(9s)}), "node host-a").level == Level::error));
  BOOST_TEST(about(picture({status(9s)}), "node host-a").message.find("21s") != std::string::npos);
  BOOST_TEST((about(picture({status(-1s)}), "node host-a").level == Level::warning));
  NodeStatus gone = status();
  gone.alive = false;
  gone.gone = true;
  BOOST_TEST((about(picture({gone}), "node host-a").level == Level::warning));
  BOOST_TEST(about(picture({gone}), "node host-a").message.find("process is gone") != std::string::npos);
  auto none = picture({});
  BOOST_TEST((about(none, "nodes").level == Level::warning));
  none.counts = {{"default", "text.add", State::retrying, 1}};
  BOOST_TEST((about(none, "nodes").level == Level::error));
}

BOOST_AUTO_TEST_CASE(tasks_that_nobody_will_run_are_found) {
  auto waits = picture({status()});
  waits.counts = {{"default", "text.ad", State::pending, 2}, {"mail", "text.add", State::scheduled, 1}};
  BOOST_TEST((about(waits, "task text.ad").level == Level::error));
  BOOST_TEST(about(waits, "task text.ad").hint.find("text.add") != std::string::npos);
  BOOST_TEST((about(waits, "queue mail").level == Level::error));
  waits.running_unowned = 4;
  BOOST_TEST((about(waits, "running tasks").level == Level::error));
  auto quarantine = status();
  quarantine.session.plugins = {{"/lib/broken.so", "", "", "", "it crashes while it loads"}};
  BOOST_TEST((about(picture({quarantine}), "/lib/broken.so").level == Level::error));
  auto paused = picture({status()});
  paused.paused = {"default"};
  BOOST_TEST((about(paused, "queue default").level == Level::warning));
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_or_never_set_is_found) {
  auto back = picture({status()});
  back.newest_submit = kNow + 1h;
  BOOST_TEST((about(back, "clock").level == Level::warning));
  auto unset = picture({});
  unset.now = wall_from_micros(1000);
  BOOST_TEST((about(unset, "clock").level == Level::error));
}

BOOST_AUTO_TEST_CASE(a_node_as_json_has_its_parts_and_hosts) {
  const auto json = nlohmann::json::parse(node_view_json(node_view(stuck())));
  BOOST_TEST(json["state"] == "stuck");
  BOOST_TEST(json["problems"].size() == 1U);
  BOOST_TEST(json["parts"][0]["age"] == 9.0);
  BOOST_TEST(json["health_age"] == 5.0);
  NodeStatus young = status();
  young.health.clear();
  const auto bare = nlohmann::json::parse(node_view_json(node_view(young)));
  BOOST_TEST(bare["state"] == "ok");
  BOOST_TEST(bare["parts"].is_null());
  BOOST_TEST(bare["health_age"].is_null());
}

BOOST_AUTO_TEST_SUITE_END()
