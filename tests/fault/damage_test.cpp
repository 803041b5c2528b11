// Stores whose files were damaged in every way: each command answers rightly or says what is wrong, and ends.
#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "fault/soak.hpp"
#include "support/gate.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr auto kDrain = 5s;  // then it is told to stop: a damaged due time may be a year ahead
const Setup kSetup{.plugins = {fixture("faulty.so"), fixture("gate.so")},
                   .executor = "lease = 1.0\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n"};
using Files = std::map<std::string, std::string>;  // name → content
using Random = std::minstd_rand;

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Moves what stands in the log into the database itself.
void checkpoint(const std::filesystem::path& database) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open(database.c_str(), &handle) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(handle, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

// A store with tasks in every state, as a killed node leaves it, and with all of it in the database.
class Model {
 public:
  Model() : workplace_(kSetup) {
    const Gate gate(workplace_);
    auto node = workplace_.node();
    for (int i = 0; i < 60; ++i) add("faulty.io_echo", std::to_string(i) + std::string(i * 20, 'x'));
    for (int i = 0; i < 5; ++i) add("faulty.cpu_permanent", std::to_string(i));
    add("gate.blocking", gate.path());
    for (const std::string& id : ids_) {
      if (id != ids_.back()) (void)workplace_.ended(id);
    }
    gate.reached(1);
    for (int i = 0; i < 20; ++i) add("faulty.cpu_echo", std::to_string(i), {"--queue", "other"});
    for (int i = 0; i < 20; ++i) add("faulty.cpu_echo", std::to_string(i));
    add("faulty.io_echo", "later", {"--queue", "other", "--delay", "1h"});
    node->signal(SIGKILL);
    node->wait();
    keep(killed_);
    std::filesystem::remove(gate.path() + ".go");  // where the task runs again it fails
    checkpoint(workplace_ / "store/flowrra.db");
    keep(tidy_);
  }

  [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }
  [[nodiscard]] const Files& killed() const { return killed_; }
  [[nodiscard]] const Files& tidy() const { return tidy_; }

 private:
  void add(const std::string& task, const std::string& argument, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {task, argument});
    ids_.push_back(workplace_.submit(more));
  }
  void keep(Files& files) const {
    for (const std::string name : {"flowrra.db", "flowrra.db-wal"}) {
      const auto file = workplace_ / "store" / name;
      if (std::filesystem::exists(file)) files[name] = content(file);
    }
  }

  Workplace workplace_;
  std::vector<std::string> ids_;
  Files killed_;
  Files tidy_;
};

std::size_t below(Random& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end == 0 ? 0 : end - 1)(random);
}

void flip(std::string& bytes, Random& random, std::size_t end) {
  char& byte = bytes[below(random, end)];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << below(random, 8)));
}

void damage(std::string& bytes, Random& random) {
  const std::size_t start = below(random, bytes.size());
  const std::size_t size = std::min(bytes.size() - start, 1 + below(random, 8192));
  switch (random() % 6) {
    case 0:
      bytes.resize(start);
      break;
    case 1:
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(start), size, '\0');
      break;
    case 2:
      for (std::size_t i = start; i < start + size; ++i) bytes[i] = static_cast<char>(random());
      break;
    case 3:
      flip(bytes, random, std::min<std::size_t>(bytes.size(), 100));  // the header
      break;
    default:
      for (std::size_t flips = 1 + below(random, 64); flips > 0; --flips) flip(bytes, random, bytes.size());
  }
}

// The commands that meet one damaged store.
class Encounter {
 public:
  Encounter(const Model& model, unsigned seed) : model_(model), random_(seed), workplace_(kSetup) {
    Files files = random_() % 2 == 0 ? model.killed() : model.tidy();
    auto victim = files.begin();
    std::advance(victim, static_cast<std::ptrdiff_t>(below(random_, files.size())));
    if (!victim->second.empty()) damage(victim->second, random_);
    const auto folder = workplace_ / "store";
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    for (const auto& [name, bytes] : files) {
      std::ofstream(folder / name, std::ios::binary) << bytes;
      std::filesystem::permissions(folder / name, std::filesystem::perms(0600));
    }
  }

  void run_all() {
    look();
    expect({"submit", "faulty.cpu_echo", "new", "--id", "new"},
           {0, 6, 7, 8});  // 8: the header says that it may only be read
    drain();
    look();
  }

  [[nodiscard]] int refused() const { return refused_; }

 private:
  void look() {
    expect({"status"}, {0, 7});
    expect({"ps", "--all", "-o", "json"}, {0, 7});
    expect({"stats"}, {0, 7});
    expect({"doctor"}, {0, 1, 7});
    for (int i = 0; i < 3; ++i) ask(model_.ids()[below(random_, model_.ids().size())]);
    ask("new");
  }

  void ask(const std::string& id) {
    const Outcome outcome = expect({"result", id, "-o", "json"}, {0, 3, 4, 5, 7});
    const Json record = Json::parse(outcome.out, nullptr, false);
    if (record.is_object() && record.contains("id")) BOOST_TEST(record["id"] == id);
    if (outcome.code() == 0) BOOST_TEST(record.is_object(), outcome.out);
  }

  Outcome expect(std::vector<std::string> words, const std::set<int>& codes) {
    const std::string name = words.front();
    const Outcome outcome = workplace_.flowrra(std::move(words));
    judge(name, outcome, codes);
    return outcome;
  }

  void drain() {
    Process node(workplace_.command({"run", "--drain"}));
    if (!node.ends_within(kDrain)) node.signal(SIGTERM);
    judge("run", node.wait(), {0, 7, 8});
  }

  void judge(const std::string& command, const Outcome& outcome, const std::set<int>& codes) {
    BOOST_TEST_CONTEXT(command << " " << outcome.err) {
      BOOST_TEST(!outcome.end.signalled);
      BOOST_TEST(codes.count(outcome.code()) == 1U, "exit code " << outcome.code());
      if (outcome.code() != 0) BOOST_TEST(!(outcome.out + outcome.err).empty());
    }
    if (outcome.code() == 7) ++refused_;
  }

  const Model& model_;
  Random random_;
  Workplace workplace_;
  int refused_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_damaged_result_is_told_and_not_shown) {
  const Workplace workplace(kSetup);
  const std::string damaged = workplace.submit({"faulty.io_echo", "to be damaged"});
  const std::string whole = workplace.submit({"faulty.io_echo", "whole"});
  BOOST_REQUIRE(workplace.flowrra({"run", "--drain"}).code() == 0);
  checkpoint(workplace / "store/flowrra.db");
  std::string bytes = content(workplace / "store/flowrra.db");
  const std::string text = "damaged\"]";
  BOOST_REQUIRE(bytes.find(text) != std::string::npos);
  for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at))
    bytes[at + text.size() - 1] = ',';
  std::ofstream(workplace / "store/flowrra.db", std::ios::binary) << bytes;
  for (const std::string format : {"json", "table", "value", "yaml"}) {
    const Outcome shown = workplace.flowrra({"result", damaged, "-o", format});
    BOOST_TEST(shown.code() == 7);
    BOOST_TEST(shown.out.empty());
    BOOST_TEST(has(shown.err, "is damaged"), shown.err);
  }
  BOOST_TEST(workplace.record(whole)["result"][0] == "whole");
  for (const Json& task : Json::parse(workplace.flowrra({"ps", "--all", "-o", "json"}).out)) {
    BOOST_TEST(task["error"].is_null() == (task["id"] == whole));
  }
}

BOOST_AUTO_TEST_CASE(an_id_that_was_damaged_in_the_table_or_the_index_is_never_answered_with_another_task) {
  const Workplace workplace(kSetup);
  for (const char* id : {"task-first", "task-second", "task-third"}) {
    (void)workplace.submit({"faulty.io_echo", id, "--id", id});
  }
  const auto file = workplace / "store/flowrra.db";
  checkpoint(file);
  const std::string whole = content(file);
  const std::string id = "task-second";
  std::size_t places = 0;
  bool refused = false;
  for (auto at = whole.find(id); at != std::string::npos; at = whole.find(id, at + 1)) {
    std::string bytes = whole;
    bytes[at + 5] = 'S';
    std::ofstream(file, std::ios::binary) << bytes;
    for (const std::string& asked : {id, std::string("task-Second")}) {
      const Outcome outcome = workplace.flowrra({"result", asked, "-o", "id"});
      BOOST_TEST((outcome.code() == 0 || outcome.code() == 3 || outcome.code() == 7));
      BOOST_TEST((outcome.out.empty() || outcome.out == asked + "\n"), outcome.out);
      refused = refused || outcome.code() == 7;
    }
    ++places;
  }
  BOOST_TEST(places >= 2U);
  BOOST_TEST(refused);
}

BOOST_AUTO_TEST_CASE(no_command_crashes_hangs_or_mistakes_one_task_for_another_in_a_damaged_store) {
  adopt_orphans();
  const Model model;
  BOOST_REQUIRE(model.killed().size() == 2U);
  const char* const given = std::getenv("FLOWRRA_SEED");  // one of them again
  const int count = rounds(40, 2000);
  int touched = 0;
  for (int seed = 1; seed <= count; ++seed) {
    if (given != nullptr && std::stoi(given) != seed) continue;
    BOOST_TEST_CONTEXT("seed " << seed) {
      Encounter encounter(model, static_cast<unsigned>(seed));
      encounter.run_all();
      if (encounter.refused() > 0) ++touched;
    }
  }
  report("damaged_stores", {{"stores", count}, {"refused", touched}});
  BOOST_TEST(childless());
}
