#include "app/places.hpp"

#include <boost/test/unit_test.hpp>

using namespace flowrra;

namespace {

TaskSpec spec(std::string name, Kind kind, bool blocking = false) {
  TaskSpec out;
  out.name = std::move(name);
  out.kind = kind;
  out.blocking = blocking;
  return out;
}

const std::vector<TaskSpec> kSpecs{spec("image.scale", Kind::cpu), spec("text.count", Kind::cpu),
                                   spec("web.get", Kind::io), spec("disk.sync", Kind::io, true)};

NodeView node(std::vector<std::string> tasks) {
  NodeView out;
  out.status.alive = true;
  out.status.session.queues = {"default"};
  out.status.session.tasks = std::move(tasks);
  out.health.emplace();
  out.health->room = {{"io", 100, 0}, {"blocking", 4, 0}, {"cpu", 2, 0}};
  return out;
}

TaskRecord task(std::string name, std::string queue = "default") {
  TaskRecord out;
  out.name = std::move(name);
  out.queue = std::move(queue);
  return out;
}

std::vector<int> in_flight(const NodeView& node) {
  std::vector<int> out;
  for (const RoomHealth& room : node.health->room) out.push_back(room.in_flight);
  return out;
}

using Names = std::vector<std::string>;
using Counts = std::vector<int>;

}  // namespace

BOOST_AUTO_TEST_SUITE(places)

BOOST_AUTO_TEST_CASE(what_is_in_flight_is_what_the_store_says_that_runs_now) {
  std::vector<NodeView> nodes{node({}), node({}), node({})};
  nodes[0].status.running_by_name = {{"image.scale", 1}, {"text.count", 1}, {"disk.sync", 3}};
  nodes[1].health->room[2].in_flight = 2;  // as it told; they have ended since
  nodes[2].health->room[2].in_flight = 2;
  nodes[2].status.running_by_name = {{"unknown", 1}};
  nodes.emplace_back();  // it has told nothing yet
  count_room(nodes, kSpecs);
  BOOST_TEST(in_flight(nodes[0]) == (Counts{0, 3, 2}), boost::test_tools::per_element());
  BOOST_TEST(in_flight(nodes[1]) == (Counts{0, 0, 0}), boost::test_tools::per_element());
  BOOST_TEST(in_flight(nodes[2]) == (Counts{0, 0, 2}), boost::test_tools::per_element());
  BOOST_TEST(!nodes[3].health.has_value());
}

BOOST_AUTO_TEST_CASE(rivals_are_the_tasks_that_the_nodes_which_could_run_it_know_and_that_need_the_same_room) {
  const std::vector<NodeView> nodes{node({"disk.sync", "text.count", "unpublished", "web.get"})};
  BOOST_TEST(rivals_of(task("text.count"), nodes, kSpecs) == (Names{"text.count", "unpublished"}),
             boost::test_tools::per_element());
  BOOST_TEST(rivals_of(task("web.get"), nodes, kSpecs) == (Names{"unpublished", "web.get"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(where_no_node_could_run_it_all_of_its_kind_are_rivals) {
  const Names all{"image.scale", "text.count"};
  BOOST_TEST(rivals_of(task("text.count"), {}, kSpecs) == all, boost::test_tools::per_element());
  std::vector<NodeView> nodes{node({"text.count"})};
  BOOST_TEST(rivals_of(task("text.count", "mail"), nodes, kSpecs) == all, boost::test_tools::per_element());
  nodes[0].status.alive = false;
  BOOST_TEST(rivals_of(task("text.count"), nodes, kSpecs) == all, boost::test_tools::per_element());
  BOOST_TEST(rivals_of(task("unknown"), {}, {}) == Names{"unknown"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
