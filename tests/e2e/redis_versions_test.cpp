// Nodes that have versions of a task with other arguments, over one store: each task is run by one that it fits.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "support/gate.hpp"
#include "support/looks.hpp"
#include "support/redis_place.hpp"
#include "support/text.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kOneWorker = "lease = 2.0\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n";

// What finds one store from several folders.
struct Stores {
  std::string url;
  std::string lines;  // of [broker]

  [[nodiscard]] Setup setup(const std::vector<std::string>& plugins, const char* executor = kOneWorker) const {
    Setup out;
    for (const std::string& plugin : plugins) out.plugins.push_back(fixture(plugin));
    out.broker = url;
    out.broker_more = lines;
    out.executor = executor;
    return out;
  }
};

// Runs a test over each kind of store that nodes share.
void over_stores(const std::function<void(const Stores&)>& body) {
  const TempDir folder;
  BOOST_TEST_CONTEXT("over SQLite") { body({"sqlite://" + (folder / "store.db").string(), ""}); }
  const RedisPlace place;
  BOOST_TEST_CONTEXT("over Redis") { body({place.server().url(), place.key_line()}); }
}

// Queues sums of so many numbers at once.
std::vector<std::string> queue_sums(const Workplace& desk, const std::string& task, int numbers, int count) {
  const std::string name = task + "-" + std::to_string(numbers);
  Command command = desk.command({"submit", task, "--batch", "-", "--id", name});
  const std::string args = numbers == 2 ? "[1, 2]" : "[1, 2, 3]";
  for (int i = 0; i < count; ++i) command.input += "{\"args\": " + args + "}\n";
  const Outcome outcome = run(command);
  BOOST_REQUIRE_MESSAGE(outcome.code() == 0, outcome.err);
  std::vector<std::string> ids;
  for (int i = 1; i <= count; ++i) ids.push_back(name + "-" + std::to_string(i));
  return ids;
}

void check_sums(const Workplace& desk, const std::vector<std::string>& ids, int version, int sum) {
  std::vector<std::string> words{"wait", "-o", "json"};
  words.insert(words.end(), ids.begin(), ids.end());
  const Outcome outcome = desk.flowrra(words);
  BOOST_REQUIRE_MESSAGE(outcome.code() == 0, outcome.out + outcome.err);
  for (const Json& record : Json::parse(outcome.out)) {
    BOOST_TEST(record["attempt"] == 1);
    BOOST_TEST(record["result"]["version"] == version, record.dump());
    BOOST_TEST(record["result"]["sum"] == sum);
  }
}

// A desk, and two nodes with versions of the same tasks.
struct TwoVersions {
  explicit TwoVersions(const Stores& stores)
      : desk(stores.setup({})), old(stores.setup({"sums_1.so"})), young(stores.setup({"sums_2.so"})) {}
  Workplace desk;
  Workplace old;
  Workplace young;
  std::unique_ptr<Process> first = old.node();
  std::unique_ptr<Process> second = young.node();
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_task_is_run_by_a_version_that_its_arguments_fit) {
  over_stores([](const Stores& stores) {
    const TwoVersions versions(stores);
    const Workplace& desk = versions.desk;
    for (const char* task : {"sums.of", "sums.later"}) {
      const auto two = queue_sums(desk, task, 2, 60);
      const auto three = queue_sums(desk, task, 3, 60);
      check_sums(desk, two, 1, 3);
      check_sums(desk, three, 2, 6);
    }
    BOOST_TEST(desk.ended(desk.submit({"sums.of", "5", "6"}))["result"]["version"] == 1);
    BOOST_TEST(desk.ended(desk.submit({"sums.of", "a=5", "b=6", "c=7"}))["result"]["version"] == 2);
    BOOST_TEST(queue_sums(desk, "sums.of", 2, 60).size() == 60U);  // they are the same tasks
    const Outcome none = desk.flowrra({"submit", "sums.of", "1", "2", "3", "4"});
    BOOST_TEST(none.code() == 6, none.err);
    BOOST_TEST((has(none.err, "sums.of a b.") && has(none.err, "sums.of a b c")), none.err);

    BOOST_TEST(desk.flowrra({"tasks", "-o", "id"}).out == "sums.later\nsums.of\nsums.same\n");
    BOOST_TEST(!has(desk.flowrra({"nodes", "-o", "json"}).out, "@"));
    const Outcome doctor = desk.flowrra({"doctor"});
    BOOST_TEST(doctor.code() == 0, doctor.out);
    BOOST_TEST(has(doctor.out, "2 versions with different arguments"), doctor.out);
    BOOST_TEST(has(doctor.out, "sums.of@"), doctor.out);
    BOOST_TEST(!has(doctor.out, "sums.same@"), doctor.out);
  });
}

BOOST_AUTO_TEST_CASE(a_task_waits_for_the_version_that_it_fits) {
  over_stores([](const Stores& stores) {
    const Workplace desk(stores.setup({}));
    const Workplace old(stores.setup({"sums_1.so", "gate.so"}));
    const Workplace young(stores.setup({"sums_2.so"}));
    auto first = old.node();
    const Gate gate(old);
    const std::string busy = desk.submit({"gate.cpu", gate.path()});
    gate.reached(1);
    auto second = young.node();
    const std::string id = desk.submit({"sums.of", "3", "4"});
    const auto given = look_until(desk, {"ps", "--all"}, [&](const Json& tasks) {
      for (const Json& task : tasks) {
        if (task["id"] == id) return has(task["task"].get<std::string>(), "sums.of@");
      }
      return false;
    });
    gate.open(1);
    BOOST_TEST(desk.ended(busy)["state"] == "success");
    const Json record = desk.ended(id);
    BOOST_TEST(record["result"]["version"] == 1, record.dump());
    BOOST_TEST(record["attempt"] == 1);
    BOOST_TEST(has(desk.flowrra({"logs", id}).out, "left to nodes that have sums.of@"));

    // Without a node of its version it waits, and says so; a node that comes runs it.
    BOOST_TEST(!desk.submit({"gate.cpu", gate.path()}).empty());
    gate.reached(2);
    const std::string waits = desk.submit({"sums.of", "5", "6"});
    look_until(desk, {"ps", "--all"}, [&](const Json& tasks) {
      for (const Json& task : tasks) {
        if (task["id"] == waits) return has(task["task"].get<std::string>(), "@");
      }
      return false;
    });
    first->signal(SIGKILL);
    BOOST_TEST(first->wait().code() == 128 + SIGKILL);
    const Json why = look_until(desk, {"why", waits},
                                [](const Json& each) { return each["reasons"][0]["code"] == "version_unknown"; });
    BOOST_TEST(desk.flowrra({"doctor"}).code() == 1);
    const Workplace anew(stores.setup({"sums_1.so"}));
    auto third = anew.node();
    BOOST_TEST(desk.ended(waits)["result"]["version"] == 1);
  });
}

BOOST_AUTO_TEST_CASE(a_version_whose_nodes_are_away_for_a_moment_loses_nothing) {
  over_stores([](const Stores& stores) {
    const TwoVersions versions(stores);
    const Workplace& desk = versions.desk;
    BOOST_TEST(desk.flowrra({"queue", "pause", "default"}).code() == 0);
    const auto three = queue_sums(desk, "sums.of", 3, 30);
    versions.second->signal(SIGKILL);
    BOOST_TEST(versions.second->wait().code() == 128 + SIGKILL);
    BOOST_TEST(desk.flowrra({"queue", "resume", "default"}).code() == 0);
    look_until(desk, {"why", three.back()},
               [](const Json& why) { return why["reasons"][0]["code"] == "version_unknown"; });
    const Workplace again(stores.setup({"sums_2.so"}));
    auto third = again.node();
    check_sums(desk, three, 2, 6);
  });
}

BOOST_AUTO_TEST_CASE(what_fits_no_version_fails_and_so_does_a_failure_of_the_task_itself) {
  over_stores([](const Stores& stores) {
    const Workplace desk(stores.setup({}));
    const Workplace old(stores.setup({"sums_1.so"}));
    const Workplace young(stores.setup({"sums_2.so"}));
    const std::string misfit = desk.submit({"sums.of", "1", "2", "3", "4", "--unchecked"});
    auto first = old.node();
    const Json refused = desk.ended(misfit);
    BOOST_TEST(refused["state"] == "failed", refused.dump());
    BOOST_TEST(refused["attempt"] == 1);
    const Json failed = desk.ended(desk.submit({"sums.of", "-1", "4"}));
    BOOST_TEST(failed["state"] == "failed");
    BOOST_TEST(has(failed["error"]["message"].get<std::string>(), "a is negative"));
    first->signal(SIGTERM);
    BOOST_TEST(first->wait().code() == 0);
    auto second = young.node();
    const Outcome none = desk.flowrra({"submit", "sums.of", "1", "2"});  // no living node has that version
    BOOST_TEST(none.code() == 6, none.err);
    second->signal(SIGTERM);
    BOOST_TEST(second->wait().code() == 0);
    BOOST_TEST(desk.flowrra({"submit", "sums.of", "1", "2"}).code() == 0);  // and now none has any
  });
}
