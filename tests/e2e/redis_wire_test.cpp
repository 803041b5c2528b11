// The stored form as docs/wire-format.md tells it: redis-cli submits and reads by that page alone.
#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "support/looks.hpp"
#include "support/redis_server.hpp"
#include "support/text.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

std::string part_on_redis() {
  std::ifstream file(source_file("docs/wire-format.md"));
  const std::string page(std::istreambuf_iterator<char>(file), {});
  return page.substr(page.find("\n## Redis\n"));
}

// The n-th block of a language in it.
std::string block(const std::string& language, int n) {
  const std::string page = part_on_redis();
  const std::string fence = "```" + language + "\n";
  std::size_t begin = 0;
  for (int i = 0; i < n; ++i) {
    const std::size_t found = page.find(fence, begin);
    if (found == std::string::npos) throw std::runtime_error("the page has no block " + std::to_string(n));
    begin = found + fence.size();
  }
  return page.substr(begin, page.find("```", begin) - begin);
}

// The page's keys as regular expressions.
std::vector<std::regex> documented_keys() {
  const std::string page = part_on_redis();
  const std::string table = page.substr(0, page.find("### A task's line"));
  std::vector<std::regex> out;
  std::istringstream lines(table.substr(table.find("### Keys")));
  const std::regex code("`([a-z]+(:[A-Z4-7]+)?)`");
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string first = line.substr(0, line.find('|', 1));
    for (std::sregex_iterator at(first.begin(), first.end(), code), end; at != end; ++at) {
      std::string key = (*at)[1];
      key = std::regex_replace(key, std::regex("LANE"), "[^:]+:[^:]+");
      key = std::regex_replace(key, std::regex("SESSION"), "[^:]+");
      out.emplace_back(std::regex_replace(key, std::regex("done:."), "done:[4-7]"));
    }
  }
  return out;
}

std::string with_id(std::string commands, const std::string& id) {
  const std::string printed = "my-id";
  for (std::size_t at = 0; (at = commands.find(printed, at)) != std::string::npos; at += id.size()) {
    commands.replace(at, printed.size(), id);
  }
  return commands;
}

// What the commands of the page print, of a server that stands where redis-cli looks for it.
std::string typed(const Workplace& place, const RedisServer& server, const std::string& commands) {
  const std::string here = "redis-cli() { command redis-cli -s '" + server.socket().string() + "' \"$@\"; }\nset -e\n";
  const Outcome outcome = run({{"/bin/bash", "-c", here + commands}, {}, {}, place.path().string()});
  if (outcome.code() != 0 || !outcome.err.empty()) throw std::runtime_error(outcome.out + outcome.err);
  return outcome.out;
}

Setup over(const RedisServer& server) {
  Setup out;
  out.plugins = {sample("text.so")};
  out.broker = server.url();
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_task_is_submitted_and_its_result_read_by_the_page_alone) {
  const RedisServer server;
  const Workplace place(over(server));
  std::ofstream(place / "submit.lua") << block("lua", 1);
  const std::string submit = block("sh", 1);
  BOOST_TEST(typed(place, server, submit) == "1\n");
  BOOST_TEST(typed(place, server, submit) == "0\n");  // there it is already
  BOOST_TEST(look(place, {"ps"}).size() == 1);
  BOOST_TEST(look(place, {"why", "my-id"})["reasons"][0]["code"] == "no_node");

  auto node = place.node();
  BOOST_TEST(place.ended("my-id")["result"] == 5);
  const std::string read = typed(place, server, block("sh", 2));
  BOOST_TEST(read.starts_with("4 1 1 "), read);
  BOOST_TEST(has(read, "\n[2, 3]\n5\n"), read);

  // An idle node is woken by it.
  BOOST_TEST(typed(place, server, with_id(submit, "another")) == "1\n");
  const Json record = place.ended("another");
  BOOST_TEST(record["result"] == 5);
  BOOST_TEST(record["attempt"] == 1);
  BOOST_TEST(typed(place, server, submit) == "0\n");  // also one that has ended

  const Outcome doctor = place.flowrra({"doctor", "-o", "json"});
  BOOST_TEST(doctor.code() == 0, doctor.out);
  BOOST_TEST(has(doctor.out, "2 tasks, as many as are counted"), doctor.out);
}

BOOST_AUTO_TEST_CASE(what_was_submitted_by_the_page_is_a_task_like_any_other) {
  const RedisServer server;
  const Workplace place(over(server));
  std::ofstream(place / "submit.lua") << block("lua", 1);
  const std::string submit = block("sh", 1);
  for (const char* id : {"one", "two", "three"}) BOOST_TEST(typed(place, server, with_id(submit, id)) == "1\n");
  std::string urgent = with_id(submit, "urgent");
  urgent.pop_back();
  BOOST_TEST(typed(place, server, urgent + " -07\n") == "1\n");
  BOOST_TEST(look(place, {"why", "one"})["ahead"] == 1);
  BOOST_TEST(place.record("urgent")["priority"] == -7);
  BOOST_TEST(place.flowrra({"cancel", "one"}).code() == 0);
  BOOST_TEST(place.flowrra({"retry", "one"}).code() == 0);
  BOOST_TEST(place.flowrra({"submit", "text.add", "2", "3", "--id", "two"}).code() == 6);
  {
    auto node = place.node();
    BOOST_TEST(place.flowrra({"wait", "one", "two", "three", "urgent"}).code() == 0);
    BOOST_TEST(place.flowrra({"queue", "pause", "mail"}).code() == 0);
    BOOST_TEST(!place.submit({"text.add", "1", "1", "--delay", "1h", "--expires", "2h", "--tag", "late"}).empty());
    BOOST_TEST(!place.submit({"text.add", "1", "1", "--queue", "mail"}).empty());
    node->signal(SIGKILL);
  }
  BOOST_TEST(look(place, {"status"})["totals"]["success"] == 4);
  BOOST_TEST(place.flowrra({"rm", "three"}).code() == 0);
  BOOST_TEST(has(place.flowrra({"doctor", "-o", "json"}).out, "5 tasks, as many as are counted"));

  // Every key is in the page's table.
  const auto known = documented_keys();
  BOOST_TEST(known.size() > 20U);
  std::istringstream keys(server.cli({"KEYS", "*"}));
  const std::string prefix = "{flowrra}:";
  for (std::string key; std::getline(keys, key);) {
    BOOST_REQUIRE(key.starts_with(prefix));
    key.erase(0, prefix.size());
    const auto matches = [&](const std::regex& each) { return std::regex_match(key, each); };
    BOOST_TEST(std::any_of(known.begin(), known.end(), matches), key << " is not in docs/wire-format.md");
  }

  // Keys of another form are left alone.
  for (const char* form : {"3", "5"}) {
    BOOST_TEST(server.cli({"SET", "{flowrra}:form", form}) == "OK");
    BOOST_TEST(has(typed(place, server, with_id(submit, "late")), "another form"));
    BOOST_TEST(server.cli({"HLEN", "{flowrra}:state"}) == "5");
    const Outcome refused = place.flowrra({"ps"});
    BOOST_TEST(refused.code() == (form[0] == '5' ? 7 : 2));
    BOOST_TEST(has(refused.err, std::string("have form ") + form), refused.err);
  }
}
