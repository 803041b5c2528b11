// The commands as users type them, without a node where none is needed.

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra;
using namespace flowrra::test;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

Setup with_plugin() {
  Setup setup;
  setup.plugins = {fixture("typed.so")};
  return setup;
}

struct Desk : Workplace {
  Desk() : Workplace(with_plugin()) {}

  Outcome with_input(Words arguments, const std::string& input) const {
    Command c = command(std::move(arguments));
    c.input = input;
    return run(c);
  }
  // What a task without a store got.
  std::string exec(const std::string& task, Words words) const {
    Words arguments{"exec", "-o", "value", task};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const Outcome outcome = flowrra(arguments);
    return outcome.code() == 0 ? outcome.out : "exit " + std::to_string(outcome.code()) + ": " + outcome.err;
  }
};

void check_refusal(const Outcome& outcome, int code, const std::string& message) {
  BOOST_TEST(outcome.code() == code);
  BOOST_TEST(outcome.out == "");
  BOOST_TEST(has(outcome.err, message), outcome.err);
}

}  // namespace

BOOST_AUTO_TEST_CASE(words_arrive_as_they_were_written) {
  const Desk desk;
  for (const char* word : {"010", "yes", "#x", "@x", "-2", "-.5", "[1,2]", "[]", "", "a b", "'", "{a}", "null"}) {
    BOOST_TEST(desk.exec("typed.text", {word}) == json(word).dump() + "\n");
  }
  for (const char* word : {"--", "--queue", "-x", "-", "@x"}) {
    if (std::string(word) == "-") continue;  // standard input
    BOOST_TEST(desk.exec("typed.text", {"--", word}) == json(word).dump() + "\n");
  }
  BOOST_TEST(desk.exec("typed.text", {"value=-"}) == "\"-\"\n");
  BOOST_TEST(desk.exec("typed.number", {"010"}) == "10\n");
  BOOST_TEST(desk.exec("typed.number", {"-2"}) == "-2\n");
  BOOST_TEST(desk.exec("typed.mixed", {"a", "tags=[010,yes]"}) == R"({"path":"a","width":256,"tags":["010","yes"]})"
                                                                  "\n");
}

BOOST_AUTO_TEST_CASE(arguments_come_from_braces_files_and_standard_input) {
  const Desk desk;
  const std::string expected = R"({"path":"a","width":3,"tags":null})";
  const auto same = [&](const std::string& out) { return json::parse(out, nullptr, false) == json::parse(expected); };
  BOOST_TEST(same(desk.exec("typed.mixed", {"{path: a, width: 3}"})));
  std::ofstream(desk / "args.json") << R"({"path": "a", "width": 3})";
  BOOST_TEST(same(desk.exec("typed.mixed", {"@args.json"})));
  const Outcome piped = desk.with_input({"exec", "-o", "value", "typed.mixed", "-"}, "path: a\nwidth: 3\n");
  BOOST_TEST(same(piped.out));
}

BOOST_AUTO_TEST_CASE(options_stand_before_or_after_the_words) {
  const Desk desk;
  const std::string id = desk.submit({"--queue", "mail", "typed.text", "--priority", "-5", "x", "--id=mine"});
  BOOST_TEST(id == "mine");
  const json record = desk.record("mine");
  BOOST_TEST(record["queue"] == "mail");
  BOOST_TEST(record["priority"] == -5);
  BOOST_TEST(record["state"] == "pending");
  BOOST_TEST(record["kind"] == "cpu");
  BOOST_TEST(desk.submit({"typed.text", "x", "--id", "mine", "--queue", "mail"}) == "mine");
  check_refusal(desk.flowrra({"submit", "typed.text", "y", "--id", "mine"}), 6, "id 'mine' belongs to another task");
}

BOOST_AUTO_TEST_CASE(a_task_can_wait_for_its_time) {
  const Desk desk;
  const std::string later = desk.submit({"typed.text", "x", "--delay", "1h"});
  BOOST_TEST(desk.record(later)["state"] == "scheduled");
  BOOST_TEST(desk.record(desk.submit({"typed.text", "x", "--at", "2099-01-31 08:15"}))["state"] == "scheduled");
  BOOST_TEST(desk.record(desk.submit({"typed.text", "x", "--at", "2001-01-31T08:15:00Z"}))["state"] == "pending");
  for (const char* wrong : {"tomorrow", "2026-02-30 08:15", "2026-01-31", "08:15"}) {
    check_refusal(desk.flowrra({"submit", "typed.text", "x", "--at", wrong}), 2, "is not understood");
  }
  check_refusal(desk.flowrra({"submit", "typed.text", "x", "--at", "2099-01-31 08:15", "--delay", "1"}), 2,
                "exclude each other");
  check_refusal(desk.flowrra({"submit", "typed.text", "x", "--delay", "5 fortnights"}), 2, "is not understood");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_before_it_is_queued) {
  const Desk desk;
  check_refusal(desk.flowrra({"submit", "typed.mixed"}), 6, "missing argument 'path'");
  check_refusal(desk.flowrra({"submit", "typed.mixed", "a", "b"}), 6, "width: wanted an integer, given the string");
  check_refusal(desk.flowrra({"submit", "typed.mixed", "a", "widht=3"}), 6, "Did you mean 'width='?");
  check_refusal(desk.flowrra({"submit", "typed.text", "a", "b"}), 6, "Usage: typed.text value");
  check_refusal(desk.flowrra({"submit", "typed.txet", "a"}), 3, "Did you mean 'typed.text'?");
  check_refusal(desk.flowrra({"submit", "typed.text", "a", "--queue", "a/b"}), 6, "the queue 'a/b' cannot be used");
  check_refusal(desk.with_input({"submit", "typed.text", "-"}, "[" + std::string(300'000, ' ') + "x]"), 6,
                "standard input: more than 262144 bytes");
  BOOST_TEST(desk.flowrra({"ps", "-o", "id"}).out == "");
}

BOOST_AUTO_TEST_CASE(usage_errors_exit_with_2_and_name_the_nearest) {
  const Desk desk;
  check_refusal(desk.flowrra({"sumbit"}), 2, "Did you mean 'submit'?");
  check_refusal(desk.flowrra({"submit"}), 2, "TASK is missing");
  check_refusal(desk.flowrra({"submit", "typed.text", "x", "--priorty", "1"}), 2, "Did you mean '--priority'?");
  check_refusal(desk.flowrra({"submit", "typed.text", "x", "--priority", "high"}), 2, "--priority");
  check_refusal(desk.flowrra({"submit", "typed.text", "x", "--id"}), 2, "--id needs a value");
  check_refusal(desk.flowrra({"result"}), 2, "ID is missing");
  check_refusal(desk.flowrra({"result", "a", "b"}), 2, "'b' is too much");
  check_refusal(desk.flowrra({"ps", "-o", "xml"}), 2, "no output format 'xml'");
  check_refusal(desk.flowrra({"ps", "--state", "done"}), 2, "no state 'done'");
  check_refusal(desk.flowrra({"status", "x"}), 2, "'x' is too much");
  check_refusal(desk.flowrra({"--config", "none.toml", "ps"}), 3, "none.toml");
}

BOOST_AUTO_TEST_CASE(a_wrong_configuration_names_file_line_and_key) {
  const Desk desk;
  std::ofstream(desk / "bad.toml") << "[executor]\nio_worker = 1\n";
  const Outcome outcome = desk.flowrra({"--config", "bad.toml", "ps"});
  check_refusal(outcome, 2, "bad.toml:2:1: unknown key executor.io_worker");
  BOOST_TEST(has(outcome.err, "Did you mean 'io_workers'?"));
}

BOOST_AUTO_TEST_CASE(errors_are_json_on_stderr_when_the_output_is) {
  const Desk desk;
  const Outcome outcome = desk.flowrra({"result", "nobody", "-o", "json"});
  BOOST_TEST(outcome.code() == 3);
  BOOST_TEST(outcome.out == "");
  const json error = json::parse(outcome.err)["error"];
  BOOST_TEST(error["code"] == "not_found");
  BOOST_TEST(error["message"] == "no task with the id 'nobody'");
  BOOST_TEST(error["hint"].is_string());
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_be_opened_exits_with_7_and_memory_is_refused) {
  Desk desk;
  std::ofstream(desk / "file") << "x";
  Command command = desk.command({"ps"});
  command.environment.push_back("FLOWRRA_BROKER_URL=sqlite://file/flowrra.db");
  BOOST_TEST(run(command).code() == 7);
  std::ofstream(desk / "junk.db") << std::string(10'000, 'x');
  command.environment.back() = "FLOWRRA_BROKER_URL=sqlite://junk.db";
  BOOST_TEST(run(command).code() == 7);
  command.environment.back() = "FLOWRRA_BROKER_URL=memory://";
  check_refusal(run(command), 2, "memory:// lives in one process");
  command.environment.back() = "FLOWRRA_BROKER_URL=radish://u:hunter2@localhost";
  const Outcome outcome = run(command);
  BOOST_TEST(outcome.code() == 2);
  BOOST_TEST(!has(outcome.err, "hunter2"), outcome.err);
}

BOOST_AUTO_TEST_CASE(waiting_without_a_node_ends_at_its_limit_and_by_a_signal) {
  const Desk desk;
  const std::string id = desk.submit({"typed.text", "x"});
  check_refusal(desk.flowrra({"result", id, "--wait", "--timeout", "50ms"}), 124, "is still pending");
  BOOST_TEST(desk.flowrra({"result", id}).code() == 0);
  BOOST_TEST(desk.flowrra({"result", id, "-o", "value"}).code() == 1);
  Process waiting(desk.command({"--log-level", "debug", "result", id, "--wait"}));
  waiting.wait_for_error_text("waiting for task " + id);
  waiting.signal(SIGINT);
  const Outcome outcome = waiting.wait();
  check_refusal(outcome, 130, "stopped waiting for task " + id);
}

BOOST_AUTO_TEST_CASE(a_result_is_printed_as_asked_and_its_end_is_the_exit_code) {
  const Desk desk;
  const std::string good = desk.submit({"typed.mixed", "ä", "width=5"});
  const std::string bad = desk.submit({"typed.fail", "no\nluck"});
  const auto node = desk.node({"--drain"});
  BOOST_TEST(desk.flowrra({"result", bad, "--wait"}).code() == 4);
  BOOST_TEST(desk.flowrra({"result", good, "--wait"}).code() == 0);

  const Outcome table = desk.flowrra({"result", good});
  BOOST_TEST(has(table.out, "state     success"), table.out);
  BOOST_TEST(has(table.out, "\"path\": \"ä\""), table.out);
  BOOST_TEST(!has(table.out, "\033"));
  BOOST_TEST(desk.flowrra({"result", good.substr(0, 22)}).out == table.out);
  BOOST_TEST(desk.flowrra({"result", good, "-o", "value"}).out == "{\"path\":\"ä\",\"width\":5,\"tags\":null}\n");
  BOOST_TEST(desk.flowrra({"result", good, "-o", "id"}).out == good + "\n");
  BOOST_TEST(has(desk.flowrra({"result", good, "-o", "yaml"}).out, "result:\n  path: \"ä\"\n  width: 5\n"));
  const std::string line = desk.flowrra({"result", good, "-o", "jsonl"}).out;
  BOOST_TEST(std::count(line.begin(), line.end(), '\n') == 1);
  const json record = json::parse(line);
  std::vector<std::string> keys;
  const auto ordered = nlohmann::ordered_json::parse(line);
  for (const auto& [key, value] : ordered.items()) keys.push_back(key);
  BOOST_TEST(keys == (Words{"id",          "task",    "kind",    "queue",        "state",
                            "priority",    "attempt", "crashes", "submitted_at", "started_at",
                            "finished_at", "result",  "error",   "progress",     "node",
                            "resources",   "tags",    "due_at",  "expires_at",   "cancel_requested"}),
             boost::test_tools::per_element());
  BOOST_TEST(record["result"]["width"] == 5);

  const Outcome failed = desk.flowrra({"result", bad});
  BOOST_TEST(failed.code() == 4);
  BOOST_TEST(has(failed.err, "failed: no\\nluck [permanent]"), failed.err);
  BOOST_TEST(desk.flowrra({"ps", "--state", "failed", "-o", "id"}).out == bad + "\n");
  BOOST_TEST(desk.flowrra({"ps", "-o", "id"}).out == "");
  BOOST_TEST(json::parse(desk.flowrra({"ps", "--all", "-o", "json"}).out).size() == 2U);
  const json status = json::parse(desk.flowrra({"status", "-o", "json"}).out);
  BOOST_TEST(status["totals"]["success"] == 1);
  BOOST_TEST(status["totals"]["failed"] == 1);
}

BOOST_AUTO_TEST_CASE(tasks_are_listed_with_their_schemas) {
  const Desk desk;
  const Outcome table = desk.flowrra({"tasks"});
  BOOST_TEST(has(table.out, "typed.mixed path [width] [tags]"), table.out);
  BOOST_TEST(has(table.out, "Give back a text"), table.out);
  const json specs = json::parse(desk.flowrra({"tasks", "typed.mixed", "-o", "json"}).out);
  BOOST_TEST(specs.size() == 1U);
  BOOST_TEST(specs[0]["schema"]["properties"]["width"]["type"] == "integer");
  BOOST_TEST(desk.flowrra({"tasks", "-o", "id"}).out ==
             "typed.fail\ntyped.later\ntyped.mixed\ntyped.number\ntyped.text\n");
  check_refusal(desk.flowrra({"tasks", "typed.nothing"}), 3, "no task named 'typed.nothing' is known");
}

BOOST_AUTO_TEST_CASE(an_unchecked_task_is_queued_although_nobody_knows_it) {
  const Desk desk;
  const std::string id = desk.submit({"--unchecked", "future.task", "1", "x"});
  BOOST_TEST(desk.record(id)["kind"].is_null());
  BOOST_TEST(desk.record(id)["state"] == "pending");
}

BOOST_AUTO_TEST_CASE(every_command_explains_itself_with_examples) {
  const Desk desk;
  for (const char* command : {"submit", "result", "status", "ps", "tasks", "version", "run", "exec"}) {
    const Outcome help = desk.flowrra({command, "--help"});
    BOOST_TEST(help.code() == 0);
    BOOST_TEST(has(help.out, "Examples:\n  flowrra " + std::string(command)), help.out);
    BOOST_TEST(help.err == "");
    BOOST_TEST(desk.flowrra({"help", command}).out == help.out);
    BOOST_TEST(has(desk.flowrra({}).out, "\n  " + std::string(command) + " "));
  }
  BOOST_TEST(has(desk.flowrra({"version"}).out, "flowrra "));
  BOOST_TEST(desk.flowrra({"--version"}).out == desk.flowrra({"version"}).out);
}

BOOST_AUTO_TEST_CASE(a_reader_that_has_gone_away_is_an_error_and_no_signal) {
  const Desk desk;
  Command command = desk.command({"tasks", "-o", "json"});
  command.line = {"/bin/sh", "-c", "\"$0\" tasks -o json > /dev/full; echo $?", program("flowrra")};
  BOOST_TEST(run(command).out == "1\n");
}
