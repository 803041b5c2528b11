// Many tasks from one file.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra;
using namespace flowrra::test;
using nlohmann::json;

namespace {

Setup with_text() {
  Setup setup;
  setup.plugins = {sample("text.so")};
  return setup;
}

std::vector<json> fates(const Outcome& outcome) {
  std::vector<json> out;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) out.push_back(json::parse(line));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_line_is_queued_or_named_with_its_reason) {
  const Workplace desk(with_text());
  std::ofstream(desk / "b.jsonl") << R"({"task":"text.add","args":[1,2],"id":"first"})"
                                  << "\n\n"
                                  << R"({"task":"text.add","args":{"a":3,"b":4},"id":"second","priority":-1})"
                                  << "\n"
                                  << R"({"task":"text.add","args":[1,"x"]})"
                                  << "\n"
                                  << R"({"task":"nobody","args":[]})"
                                  << "\n"
                                  << "garbage\n"
                                  << R"({"task":"text.add","args":[1,2],"prority":1})"
                                  << "\n"
                                  << R"({"task":"text.add","args":[5,6],"id":"last","tags":["t"]})";  // no line end
  const Outcome outcome = desk.flowrra({"submit", "--batch", "b.jsonl", "-o", "jsonl"});
  BOOST_TEST(outcome.code() == 6);
  const auto lines = fates(outcome);
  BOOST_REQUIRE_EQUAL(lines.size(), 7);
  BOOST_TEST(lines[0].at("id") == "first");
  BOOST_TEST(lines[0].at("line") == 1);
  BOOST_TEST(lines[1].at("outcome") == "queued");
  BOOST_TEST(lines[2].at("error").at("code") == "invalid");
  BOOST_TEST(lines[3].at("error").at("code") == "not_found");
  BOOST_TEST(lines[6].at("line") == 8);
  BOOST_TEST(has(outcome.err, "line 6: not well-formed JSON"), outcome.err);
  BOOST_TEST(has(outcome.err, "unknown key 'prority'. Did you mean 'priority'?"), outcome.err);
  BOOST_TEST(desk.flowrra({"run", "--drain"}).code() == 0);
  BOOST_TEST(desk.record("first").at("result") == 3);
  BOOST_TEST(desk.record("second").at("result") == 7);
  BOOST_TEST(desk.record("last").at("tags").front() == "t");
}

BOOST_AUTO_TEST_CASE(lines_of_a_slow_input_are_queued_as_they_come_and_an_interrupt_ends_it) {
  const Workplace desk(with_text());
  const std::string fifo = desk / "lines";
  BOOST_REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const UniqueFd input(open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  const auto say = [&](const std::string& text) {
    BOOST_REQUIRE(write(input.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  };
  Process batch(desk.command({"submit", "text.add", "--batch", "lines", "--id", "slow"}));
  say("{\"args\":[1,2]}\n");
  batch.wait_for_output_text("slow-1\n");
  BOOST_TEST(desk.record("slow-1").at("state") == "pending");
  say("{\"args\":[3,4]}\n{\"args\":[5,");
  batch.wait_for_output_text("slow-2\n");
  batch.signal(SIGINT);
  const Outcome outcome = batch.wait();
  BOOST_TEST(outcome.code() == 130);
  BOOST_TEST(has(outcome.err, "after line 2"), outcome.err);
}

BOOST_AUTO_TEST_CASE(an_input_that_cannot_be_read_is_an_error) {
  const Workplace desk(with_text());
  const Outcome outcome = desk.flowrra({"submit", "text.add", "--batch", "."});
  BOOST_TEST(outcome.code() == 1);
  BOOST_TEST(has(outcome.err, "cannot read ."), outcome.err);
}

BOOST_AUTO_TEST_CASE(a_line_without_end_costs_no_memory) {
  const Workplace desk(with_text());
  std::ofstream(desk / "long.jsonl") << std::string(5'000'000, ' ') << "\n{\"args\":[1,2],\"id\":\"good\"}\n";
  const Outcome outcome = desk.flowrra({"submit", "text.add", "--batch", "long.jsonl"});
  BOOST_TEST(outcome.code() == 6);
  BOOST_TEST(has(outcome.err, "line 1: longer than 1 MiB"), outcome.err);
  BOOST_TEST(outcome.out == "good\n");
}

BOOST_AUTO_TEST_CASE(a_batch_submitted_twice_is_queued_once) {
  const Workplace desk(with_text());
  Command command = desk.command({"submit", "text.add", "--batch", "-", "--id", "sum"});
  for (int i = 0; i < 5000; ++i) command.input += R"({"args": [)" + std::to_string(i) + ", 1]}\n";
  const Outcome first = run(command);
  BOOST_TEST(first.code() == 0, first.err);
  BOOST_TEST(first.out.starts_with("sum-1\nsum-2\n"));
  BOOST_TEST(first.out.ends_with("sum-5000\n"));
  BOOST_TEST(first.err.empty());
  BOOST_TEST(run(command).out == first.out);
  command.line.insert(command.line.end(), {"-o", "jsonl"});
  command.input += "{\"args\": [1, 1]}\n";
  const auto lines = fates(run(command));
  BOOST_REQUIRE(lines.size() == 5001U);
  BOOST_TEST(lines[0].at("outcome") == "exists");
  BOOST_TEST(lines[5000].at("outcome") == "queued");
  const json status = json::parse(desk.flowrra({"status", "-o", "json"}).out);
  BOOST_TEST(status.at("totals").at("pending") == 5001);
}

BOOST_AUTO_TEST_CASE(the_queues_bound_holds_in_the_middle_of_a_batch) {
  Setup setup = with_text();
  setup.executor += "max_queue_size = 3\n";
  const Workplace desk(setup);
  Command command = desk.command({"submit", "text.add", "--batch", "-", "-o", "jsonl"});
  for (int i = 0; i < 5; ++i) command.input += "{\"args\": [1, 1]}\n";
  const Outcome outcome = run(command);
  BOOST_TEST(outcome.code() == 6);
  const auto lines = fates(outcome);
  BOOST_REQUIRE_EQUAL(lines.size(), 5);
  BOOST_TEST(lines[2].at("outcome") == "queued");
  BOOST_TEST(lines[3].at("error").at("code") == "queue_full");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_combined_is_refused_before_anything_is_queued) {
  const Workplace desk(with_text());
  BOOST_TEST(desk.flowrra({"submit", "--batch", "none.jsonl"}).code() == 3);
  BOOST_TEST(desk.flowrra({"submit", "text.add", "1", "--batch", "-"}).code() == 2);
  BOOST_TEST(desk.flowrra({"submit", "text.add", "--batch", "-", "--wait"}).code() == 2);
  BOOST_TEST(desk.flowrra({"submit", "text.add", "1", "2", "--backoff", "slow"}).code() == 2);
}
