// What nodes tell of their health, and what the commands make of it: nodes, doctor, why.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/gate.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

const Setup kOneWorker{.plugins = {fixture("gate.so"), fixture("faulty.so")},
                       .executor = "lease = 1.5\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n"};

// The same, with nothing but this lease.
Setup with_lease(const std::string& lease) {
  return {.plugins = kOneWorker.plugins, .executor = "lease = " + lease + "\ncpu_workers = 1\n"};
}

Json look(const Workplace& workplace, std::vector<std::string> words) {
  words.insert(words.end(), {"-o", "json"});
  return Json::parse(workplace.flowrra(std::move(words)).out);
}

// Looks until what the command tells is as wanted.
Json until(const Workplace& workplace, const std::vector<std::string>& words,
           const std::function<bool(const Json&)>& wanted) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    Json found = look(workplace, words);
    if (wanted(found)) return found;
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("never came: " + found.dump());
  }
}

std::string code(const Json& why) { return why["reasons"][0]["code"]; }
std::string code(const Workplace& workplace, const std::string& id) { return code(look(workplace, {"why", id})); }

Json error_about(const Json& findings, const std::string& subject) {
  for (const Json& each : findings) {
    if (each["level"] == "error" && each["subject"].get<std::string>().find(subject) != std::string::npos) return each;
  }
  return nullptr;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_node_tells_what_its_parts_and_hosts_do) {
  const Workplace workplace(kOneWorker);
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string id = workplace.submit({"gate.cpu", gate.path(), "--timeout", "600"});
  gate.reached(1);
  const auto works = [](const Json& nodes) {
    if (nodes.empty() || nodes[0]["hosts"].is_null()) return false;
    for (const Json& host : nodes[0]["hosts"]) {
      if (!host["work"].empty()) return true;
    }
    return false;
  };
  const Json found = until(workplace, {"nodes"}, works)[0];
  BOOST_TEST(found["state"] == "ok");
  BOOST_TEST(found["problems"].empty());
  BOOST_TEST(found["pid"] == node->pid());
  std::vector<std::string> parts;
  for (const Json& part : found["parts"]) parts.push_back(part["name"]);
  const std::vector<std::string> expected{"loop", "dispatcher", "outbox", "journal", "promoter", "reaper"};
  BOOST_TEST(parts == expected, boost::test_tools::per_element());
  for (const Json& host : found["hosts"]) {
    if (host["work"].empty()) continue;
    BOOST_TEST(host["kind"] == "cpu");
    BOOST_TEST(host["pid"] > 0);
    BOOST_TEST(host["work"][0]["id"] == id);
    BOOST_TEST(host["work"][0]["task"] == "gate.cpu");
    BOOST_TEST(host["work"][0]["deadline"].is_string());
  }
  const std::string table = workplace.flowrra({"nodes", "-o", "wide"}).out;
  for (const char* part : {"dispatcher", "cpu-1", "gate.cpu"}) BOOST_TEST(table.find(part) != std::string::npos, table);
  BOOST_TEST(workplace.flowrra({"nodes", "-o", "id"}).out == found["session"].get<std::string>() + "\n");
  gate.open();
}

BOOST_AUTO_TEST_CASE(a_task_that_keeps_the_io_loop_is_named) {
  const Workplace workplace(kOneWorker);
  auto node = workplace.node();
  const std::string id = workplace.submit({"faulty.io_hang", "--max-retries", "0"});
  const auto stuck = [](const Json& nodes) { return nodes.size() == 1 && nodes[0]["state"] == "stuck"; };
  const Json found = until(workplace, {"nodes"}, stuck)[0];
  const std::string problem = found["problems"][0];
  BOOST_TEST(problem.find(id + " has kept the loop") != std::string::npos, problem);
  const auto doctor = workplace.flowrra({"doctor", "-o", "json"});
  BOOST_TEST(doctor.code() == 1);
  BOOST_TEST(!error_about(Json::parse(doctor.out), "node ").is_null(), doctor.out);
}

BOOST_AUTO_TEST_CASE(doctor_finds_nothing_where_all_is_well) {
  const Workplace workplace(kOneWorker);
  auto node = workplace.node();
  BOOST_TEST(workplace.ended(workplace.submit({"faulty.cpu_echo"}))["state"] == "success");
  const auto outcome = workplace.flowrra({"doctor", "-o", "json"});
  BOOST_TEST(outcome.code() == 0, outcome.out);
  std::string subjects;
  for (const Json& each : Json::parse(outcome.out)) subjects += each["subject"].get<std::string>() + "\n";
  for (const char* subject : {"configuration", "broker writable", "broker integrity", "broker schema",
                              "broker durability", "broker free space", "running tasks", "clock", "node "}) {
    BOOST_TEST(subjects.find(subject) != std::string::npos, subject << " is missing in " << subjects);
  }
}

BOOST_AUTO_TEST_CASE(doctor_names_what_is_wrong_with_what_to_do) {
  Setup setup = kOneWorker;
  setup.plugins.push_back(fixture("bad_constructor.so"));
  const Workplace workplace(setup);
  BOOST_TEST(!workplace.submit({"faulty.cpu_echo"}).empty());
  const auto before = workplace.flowrra({"doctor", "-o", "json"});
  BOOST_TEST(before.code() == 1);
  BOOST_TEST(error_about(Json::parse(before.out), "nodes")["hint"].get<std::string>().find("flowrra run") !=
             std::string::npos);
  BOOST_TEST(!error_about(Json::parse(before.out), "bad_constructor.so").is_null(), before.out);

  auto node = workplace.node();
  BOOST_TEST(!workplace.submit({"faulty.cpu_ech", "--unchecked"}).empty());
  BOOST_TEST(workplace.flowrra({"queue", "pause", "default"}).code() == 0);
  const Json findings = Json::parse(workplace.flowrra({"doctor", "-o", "json"}).out);
  const Json unknown = error_about(findings, "task faulty.cpu_ech");
  BOOST_REQUIRE(!unknown.is_null());
  BOOST_TEST(unknown["hint"].get<std::string>().find("faulty.cpu_echo") != std::string::npos);
  bool paused = false;
  for (const Json& each : findings) paused |= each["subject"] == "queue default" && each["level"] == "warning";
  BOOST_TEST(paused);
}

BOOST_AUTO_TEST_CASE(doctor_tells_of_a_store_that_others_can_replace) {
  const Workplace workplace(kOneWorker);
  BOOST_TEST(!workplace.submit({"faulty.cpu_echo"}).empty());
  const auto level = [&workplace] {
    const Json findings = Json::parse(workplace.flowrra({"doctor", "-o", "json"}).out);
    for (const Json& each : findings) {
      if (each["subject"] == "broker folder") return each["level"].get<std::string>();
    }
    return std::string("none");
  };
  using std::filesystem::perms;
  std::filesystem::permissions(workplace / "store", perms::all);
  BOOST_TEST(level() == "warning");
  std::filesystem::permissions(workplace / "store", perms::owner_all);
  BOOST_TEST(level() == "ok");
}

BOOST_AUTO_TEST_CASE(a_node_that_was_stopped_is_silent_and_then_dead) {
  const Workplace workplace(with_lease("4.0"));
  auto node = workplace.node();
  until(workplace, {"nodes"}, [](const Json& nodes) { return nodes.size() == 1 && !nodes[0]["parts"].is_null(); });
  node->signal(SIGSTOP);
  const auto is = [](const char* state) {
    return [state](const Json& nodes) { return nodes.size() == 1 && nodes[0]["state"] == state; };
  };
  until(workplace, {"nodes"}, is("silent"));
  BOOST_TEST(workplace.flowrra({"doctor"}).code() == 1);
  until(workplace, {"nodes"}, is("dead"));
  node->signal(SIGCONT);
}

BOOST_AUTO_TEST_CASE(a_killed_node_is_dead_at_once_however_long_its_lease) {
  const Workplace workplace(with_lease("600"));
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string runs = workplace.submit({"gate.cpu", gate.path()});
  gate.reached(1);
  const std::string waits = workplace.submit({"gate.cpu", gate.path()});
  node->signal(SIGKILL);
  BOOST_TEST(node->wait().code() == 128 + SIGKILL);
  reap_orphans();  // its hosts die with it

  const Json found = look(workplace, {"nodes"})[0];
  BOOST_TEST(found["state"] == "dead");
  BOOST_TEST(found["problems"][0] == "its process is gone");
  BOOST_TEST(look(workplace, {"status"})["nodes"][0]["alive"] == false);
  BOOST_TEST(code(workplace, runs) == "node_lost");
  BOOST_TEST(code(workplace, waits) == "no_node");
  const auto doctor = workplace.flowrra({"doctor", "-o", "json"});
  BOOST_TEST(doctor.code() == 1);
  BOOST_TEST(!error_about(Json::parse(doctor.out), "running tasks").is_null(), doctor.out);
}

BOOST_AUTO_TEST_CASE(what_is_told_is_of_now_though_heartbeats_are_far_apart) {
  const Workplace workplace(with_lease("600"));
  const Gate gate(workplace);
  auto node = workplace.node();
  const auto told = [](const Json& nodes) { return nodes.size() == 1 && !nodes[0]["parts"].is_null(); };
  BOOST_TEST(until(workplace, {"nodes"}, told)[0]["health_age"] >= 0.0);

  BOOST_TEST(!workplace.submit({"gate.cpu", gate.path()}).empty());
  gate.reached(1);
  BOOST_TEST(!workplace.submit({"gate.cp", gate.path(), "--unchecked"}).empty());
  const std::string waits = workplace.submit({"gate.cpu", gate.path()});
  const Json why = look(workplace, {"why", waits});
  BOOST_TEST(code(why) == "slots_busy");
  BOOST_TEST(why["ahead"] == 0);  // nobody can run the other

  node->signal(SIGTERM);
  until(workplace, {"nodes"}, [](const Json& nodes) { return nodes.size() == 1 && nodes[0]["state"] == "draining"; });
  gate.open();
  BOOST_TEST(node->wait().code() == 0);
}

BOOST_AUTO_TEST_CASE(why_names_what_keeps_a_task_from_running) {
  const Workplace workplace(kOneWorker);
  const Gate gate(workplace);
  const std::string early = workplace.submit({"faulty.cpu_echo", "--delay", "1h"});
  const Json nobody = look(workplace, {"why", early});
  BOOST_TEST(code(nobody) == "not_due");
  BOOST_TEST(nobody["reasons"][1]["code"] == "no_node");
  BOOST_TEST(nobody["expected_at"].is_null());

  auto node = workplace.node();
  BOOST_TEST(look(workplace, {"why", early})["expected_at"].is_string());
  const std::string runs = workplace.submit({"gate.cpu", gate.path()});
  gate.reached(1);
  const Json running = until(workplace, {"why", runs}, [](const Json& why) { return why["host"].is_string(); });
  BOOST_TEST(code(running) == "running");
  BOOST_TEST(running["host"] == "cpu-1");

  const std::string waits = workplace.submit({"gate.cpu", gate.path()});
  const Json busy = until(workplace, {"why", waits}, [](const Json& why) { return code(why) == "slots_busy"; });
  BOOST_TEST(busy["ahead"] == 0);
  const std::string last = workplace.submit({"gate.cpu", gate.path()});
  BOOST_TEST(look(workplace, {"why", last})["ahead"] == 1);

  const std::string unknown = workplace.submit({"gate.cp", gate.path(), "--unchecked"});
  const Json lost = look(workplace, {"why", unknown});
  BOOST_TEST(code(lost) == "task_unknown");
  BOOST_TEST(lost["reasons"][0]["hint"].get<std::string>().find("gate.cpu") != std::string::npos);
  const std::string elsewhere = workplace.submit({"gate.cpu", gate.path(), "--queue", "mail"});
  BOOST_TEST(code(workplace, elsewhere) == "queue_not_taken");
  BOOST_TEST(workplace.flowrra({"queue", "pause", "default"}).code() == 0);
  BOOST_TEST(code(workplace, last) == "queue_paused");
  BOOST_TEST(workplace.flowrra({"why", last}).out.find("flowrra queue resume default") != std::string::npos);
  BOOST_TEST(workplace.flowrra({"queue", "resume", "default"}).code() == 0);
  gate.open(3);
  for (const std::string& id : {runs, waits, last}) BOOST_TEST(workplace.ended(id)["state"] == "success");
  BOOST_TEST(code(workplace, runs) == "success");
}

BOOST_AUTO_TEST_CASE(why_tells_of_retries_and_of_ends) {
  const Workplace workplace(kOneWorker);
  auto node = workplace.node();
  const std::string id =
      workplace.submit({"faulty.io_flaky", "9", "--retry-delay", "600", "--backoff", "fixed", "--max-retries", "3"});
  const Json why = until(workplace, {"why", id}, [](const Json& found) { return code(found) == "retry_delay"; });
  const std::string message = why["reasons"][0]["message"];
  BOOST_TEST(message.find("attempt 2 begins in") != std::string::npos, message);
  BOOST_TEST(message.find("error: attempt 1") != std::string::npos, message);
  BOOST_TEST(why["expected_at"].is_string());
  const std::string failed = workplace.submit({"faulty.io_permanent"});
  BOOST_TEST(workplace.ended(failed)["state"] == "failed");
  BOOST_TEST(code(workplace, failed) == "failed");
  BOOST_TEST(workplace.flowrra({"why", "unknown"}).code() == 3);
}

BOOST_AUTO_TEST_CASE(why_and_doctor_say_that_the_store_cannot_be_used) {
  const Workplace workplace(kOneWorker);
  const std::string id = workplace.submit({"faulty.cpu_echo"});
  for (const char* asks : {"why", "doctor"}) {
    Command command = workplace.command({asks});
    if (command.line.back() == "why") command.line.push_back(id);
    command.environment.push_back("FLOWRRA_BROKER_URL=sqlite:///dev/null/store.db");
    const Outcome outcome = run(command);
    BOOST_TEST(outcome.code() == (std::string(asks) == "why" ? 7 : 1), outcome.err);
    BOOST_TEST((outcome.out + outcome.err).find("/dev/null/store.db") != std::string::npos, outcome.out + outcome.err);
  }
}
