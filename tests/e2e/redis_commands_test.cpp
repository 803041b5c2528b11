// What the command line does over Redis, from a machine that knows nothing but the server: the node has the plugins,
// the desk has a folder and a configuration of its own.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/gate.hpp"
#include "support/looks.hpp"
#include "support/plugin_place.hpp"
#include "support/redis_place.hpp"
#include "support/text.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

// A node's folder and a desk's over one place.
struct Machines {
  explicit Machines(std::vector<std::string> plugins, const std::string& executor = RedisPlace::kExecutor)
      : there(place.node(std::move(plugins), executor)), desk(place.desk()) {}
  RedisPlace place;
  Workplace there;
  Workplace desk;
};

const char* const kOneWorker = "lease = 2.0\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n";

bool refused_with(const Outcome& outcome, int code, const std::string& text) {
  return outcome.code() == code && has(outcome.err, text);
}

}  // namespace

BOOST_AUTO_TEST_CASE(arguments_are_checked_by_what_the_node_published) {
  const Machines machines({fixture("typed.so"), fixture("faulty.so")});
  const Workplace& desk = machines.desk;
  const Outcome early = desk.flowrra({"submit", "typed.number", "1"});
  BOOST_TEST(early.code() == 3, early.err);  // nobody knows it yet
  auto node = machines.there.node();
  const Outcome waited = desk.flowrra({"submit", "typed.number", "17", "--wait", "-o", "value"});
  BOOST_TEST(waited.code() == 0, waited.err);
  BOOST_TEST(waited.out == "17\n");
  BOOST_TEST(desk.ended(desk.submit({"typed.mixed", "path=cat.jpg", "width=3"}))["result"]["width"] == 3);
  BOOST_TEST(desk.ended(desk.submit({"typed.text", "010"}))["result"] == "010");
  BOOST_TEST(refused_with(desk.flowrra({"submit", "typed.number", "many"}), 6, "value"));
  BOOST_TEST(refused_with(desk.flowrra({"submit", "typed.numbr", "1"}), 3, "typed.number"));
  BOOST_TEST(desk.flowrra({"submit", "typed.fail", "so be it", "--wait"}).code() == 4);
  const Json specs = look(desk, {"tasks", "typed.mixed"});
  BOOST_TEST(specs[0]["schema"]["properties"].contains("width"), specs.dump());
  const Outcome names = desk.flowrra({"tasks", "-o", "id"});
  BOOST_TEST(has(names.out, "faulty.cpu_echo\n"), names.out);
}

BOOST_AUTO_TEST_CASE(a_batch_is_queued_and_every_result_read) {
  const Machines machines({fixture("typed.so")});
  const Workplace& desk = machines.desk;
  auto node = machines.there.node();
  {
    std::ofstream file(desk / "b.jsonl");
    for (int i = 1; i <= 300; ++i) file << R"({"task":"typed.number","args":[)" << i << R"(],"id":"n-)" << i << "\"}\n";
    file << R"({"task":"typed.number","args":["x"]})"
         << "\n";
  }
  const Outcome queued = desk.flowrra({"submit", "--batch", "b.jsonl"});
  BOOST_TEST(queued.code() == 6);  // the last line
  std::vector<std::string> words{"wait", "-o", "json"};
  for (int i = 1; i <= 300; ++i) words.push_back("n-" + std::to_string(i));
  const Outcome waited = desk.flowrra(words);
  BOOST_TEST(waited.code() == 0, waited.err);
  const Json records = Json::parse(waited.out);
  BOOST_REQUIRE_EQUAL(records.size(), 300);
  for (const Json& each : records) BOOST_TEST("n-" + each["result"].dump() == each["id"].get<std::string>());
  const Outcome again = desk.flowrra({"submit", "--batch", "b.jsonl"});
  BOOST_TEST(again.code() == 6);
  BOOST_TEST(look(desk, {"status"})["totals"]["success"] == 300);
}

BOOST_AUTO_TEST_CASE(queued_and_running_tasks_of_each_kind_are_cancelled) {
  const Machines machines({fixture("faulty.so")});
  const Workplace& desk = machines.desk;
  const std::string queued = desk.submit({"faulty.cpu_echo", "--unchecked"});
  BOOST_TEST(desk.flowrra({"cancel", queued}).out == queued + "  cancelled\n");
  auto node = machines.there.node();
  for (const char* task : {"cpu_sleep", "io_sleep", "blocking_sleep", "cpu_hang"}) {
    const std::string id = desk.submit({std::string("faulty.") + task, "--id", task, "60000"});
    wait_for_state(desk, id, "running");
    const Outcome outcome = desk.flowrra({"cancel", id});
    BOOST_TEST(outcome.out == id + "  asked to end\n", outcome.err);
    BOOST_TEST(desk.ended(id)["state"] == "cancelled");
  }
  BOOST_TEST(desk.flowrra({"cancel", "cpu_hang"}).code() == 6);
  BOOST_TEST(desk.flowrra({"cancel", "nobody"}).code() == 3);
  BOOST_TEST(desk.record(queued)["error"]["code"] == "cancelled");
}

BOOST_AUTO_TEST_CASE(logs_are_read_and_followed_from_elsewhere) {
  const Machines machines({fixture("faulty.so")});
  const Workplace& desk = machines.desk;
  auto node = machines.there.node();
  const std::string said = desk.submit({"faulty.cpu_log"});
  BOOST_TEST(desk.ended(said)["state"] == "success");
  BOOST_TEST(look(desk, {"logs", said})[0]["message"] == "a line of the task");
  const std::string flaky = desk.submit({"faulty.cpu_flaky", "--retry-delay", "30", "--backoff", "fixed"});
  Process follower(desk.command({"logs", "-f", flaky}));
  follower.wait_for_output_text("attempt 1");
  BOOST_TEST(desk.flowrra({"cancel", flaky}).code() == 0);
  BOOST_TEST(follower.wait().code() == 0);
}

BOOST_AUTO_TEST_CASE(ps_nodes_why_and_status_tell_what_goes_on) {
  const Machines machines({fixture("gate.so")}, kOneWorker);
  const Workplace& desk = machines.desk;
  const Gate gate(machines.there);
  auto node = machines.there.node();
  const std::string runs = desk.submit({"gate.cpu", gate.path(), "--tag", "first"});
  gate.reached(1);
  const std::string waits = desk.submit({"gate.cpu", gate.path()});
  const std::string later = desk.submit({"gate.cpu", gate.path(), "--delay", "1h", "--queue", "mail"});
  const std::string unknown = desk.submit({"gate.cp", gate.path(), "--unchecked"});

  const Outcome listed = desk.flowrra({"ps", "-o", "id"});
  BOOST_TEST(listed.out == runs + "\n" + unknown + "\n" + later + "\n" + waits + "\n");
  BOOST_TEST(look(desk, {"ps", "--tag", "first"}).size() == 1);
  BOOST_TEST(look(desk, {"ps", "--state", "running"})[0]["id"] == runs);

  const auto busy = [](const Json& why) { return why["reasons"][0]["code"] == "slots_busy"; };
  BOOST_TEST(look_until(desk, {"why", waits}, busy)["ahead"] == 0);
  BOOST_TEST(look(desk, {"why", later})["reasons"][0]["code"] == "not_due");
  BOOST_TEST(look(desk, {"why", unknown})["reasons"][0]["code"] == "task_unknown");
  const auto runs_now = [](const Json& why) { return why["host"].is_string(); };
  BOOST_TEST(look_until(desk, {"why", runs}, runs_now)["reasons"][0]["code"] == "running");

  const Json nodes = look(desk, {"nodes"});
  BOOST_REQUIRE_EQUAL(nodes.size(), 1);
  BOOST_TEST(nodes[0]["pid"] == node->pid());
  BOOST_TEST(nodes[0]["state"] == "ok");
  const Json status = look(desk, {"status"});
  BOOST_TEST(status["totals"]["running"] == 1);
  BOOST_TEST(status["totals"]["pending"] == 2);
  BOOST_TEST(status["totals"]["scheduled"] == 1);
  const Json stats = look(desk, {"stats"});
  BOOST_TEST(stats["totals"]["running"] == 1);
  BOOST_TEST(desk.flowrra({"doctor"}).code() == 1);  // a task that nobody can run
  BOOST_TEST(desk.flowrra({"cancel", unknown, later}).code() == 0);
  const Outcome doctor = desk.flowrra({"doctor", "-o", "json"});
  for (const char* subject : {"broker server", "broker eviction", "broker durability", "broker integrity", "node "}) {
    BOOST_TEST(has(doctor.out, subject), doctor.out);
  }
  BOOST_TEST(doctor.code() == 0, doctor.out);
  gate.open(2);
  BOOST_TEST(desk.ended(waits)["state"] == "success");
}

BOOST_AUTO_TEST_CASE(queues_are_paused_resumed_and_purged_and_tasks_replayed_and_removed) {
  const Machines machines({fixture("faulty.so")});
  const Workplace& desk = machines.desk;
  auto node = machines.there.node();
  BOOST_TEST(desk.flowrra({"queue", "pause", "default"}).out == "default  paused\n");
  const std::string held = desk.submit({"faulty.cpu_echo"});
  for (int i = 0; i < 5; ++i) BOOST_TEST(!desk.submit({"faulty.cpu_echo", "--queue", "mail"}).empty());
  BOOST_TEST(!desk.submit({"faulty.cpu_echo", "--queue", "mail", "--delay", "1h"}).empty());
  BOOST_TEST(look(desk, {"why", held})["reasons"][0]["code"] == "queue_paused");
  BOOST_TEST(desk.flowrra({"queue", "purge", "mail", "--yes"}).out == "mail  6 removed\n");
  BOOST_TEST(desk.record(held)["state"] == "pending");
  BOOST_TEST(desk.flowrra({"queue", "resume", "default"}).code() == 0);
  BOOST_TEST(desk.ended(held)["state"] == "success");

  const std::string failed = desk.submit({"faulty.cpu_fail", "--max-retries", "1", "--retry-delay", "0.01"});
  BOOST_TEST(desk.ended(failed)["attempt"] == 2);
  BOOST_TEST(desk.flowrra({"retry", failed}).out == failed + "  pending\n");
  BOOST_TEST(desk.ended(failed)["attempt"] == 4);
  BOOST_TEST(desk.flowrra({"rm", failed}).out == failed + "  removed\n");
  BOOST_TEST(desk.flowrra({"result", failed}).code() == 3);
}

BOOST_AUTO_TEST_CASE(a_node_is_told_from_elsewhere_to_load_its_plugins_anew) {
  const PluginPlace plugins;
  const std::string file = plugins.install_build(1);
  const Machines machines({file});
  const Workplace& desk = machines.desk;
  auto node = machines.there.node();
  BOOST_TEST(desk.ended(desk.submit({"versioned.cpu", "0"}))["result"] == 1);
  const Json before = look(desk, {"nodes"})[0];
  BOOST_TEST(!plugins.install_build(2).empty());
  const Outcome told = desk.flowrra({"reload", before["session"].get<std::string>()});
  BOOST_TEST(told.code() == 0, told.out + told.err);
  BOOST_TEST(desk.ended(desk.submit({"versioned.cpu", "0"}))["result"] == 2);
  const Json after = look(desk, {"nodes"})[0];
  BOOST_TEST(after["generation"] == 2, after.dump());
  BOOST_TEST(after["session"] == before["session"]);

  std::filesystem::remove(file);
  const Outcome refused = desk.flowrra({"reload"});
  BOOST_TEST(refused.code() != 0);
  BOOST_TEST(desk.ended(desk.submit({"versioned.cpu", "0"}))["result"] == 2);
  BOOST_TEST(desk.flowrra({"reload", "nobody"}).code() == 3);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_what_comes) {
  RedisPlace place;
  Setup setup = place.desk();
  setup.executor += "max_queue_size = 3\n";
  const Workplace desk(setup);
  for (int i = 0; i < 3; ++i) BOOST_TEST(!desk.submit({"any.task", "--unchecked"}).empty());
  const Outcome full = desk.flowrra({"submit", "any.task", "--unchecked"});
  BOOST_TEST(full.code() == 6);
  BOOST_TEST(has(full.err, "3"), full.err);
  BOOST_TEST(!desk.submit({"any.task", "--unchecked", "--queue", "mail"}).empty());
}

BOOST_AUTO_TEST_CASE(two_prefixes_of_one_server_see_nothing_of_each_other) {
  const Machines one({fixture("typed.so")});
  const Machines other({fixture("faulty.so")});
  auto node = one.there.node();
  BOOST_TEST(one.desk.ended(one.desk.submit({"typed.number", "1", "--id", "same"}))["result"] == 1);
  BOOST_TEST(look(other.desk, {"nodes"}).empty());
  BOOST_TEST(look(other.desk, {"ps", "--all"}).empty());
  BOOST_TEST(other.desk.submit({"typed.number", "2", "--id", "same", "--unchecked"}) == "same");
  BOOST_TEST(other.desk.record("same")["state"] == "pending");
}
