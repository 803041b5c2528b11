// What a Redis server may answer instead of working: that it does not know the user any more, that it still reads its
// data, is a replica, or busy.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/free_port.hpp"
#include "support/gate.hpp"
#include "support/redis_server.hpp"
#include "support/resp_client.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kUser = "worker on >open-sesame ~{flowrra}* &{flowrra}* +@all";

RedisOptions guarded() {
  RedisOptions out;
  out.users = {kUser};
  return out;
}

Setup notes_over(const std::string& url, const std::string& lease) {
  return {.plugins = {fixture("gate.so")},
          .broker = url,
          .executor = "lease = " + lease + "\ncpu_workers = 1\nblocking_threads = 1\nkill_grace = 0.3\n"};
}

// A server, a node of a user of it, and what they say.
class Guarded {
 public:
  explicit Guarded(const std::string& lease)
      : server_(guarded()), workplace_(notes_over(server_.url_as("worker", "open-sesame"), lease)) {
    std::filesystem::permissions(workplace_ / "flowrra.toml", std::filesystem::perms(0600));
    node_ = workplace_.node();
  }

  void command(const std::vector<std::string>& words) const { server_.cli(words); }
  [[nodiscard]] const Workplace& workplace() const { return workplace_; }
  Process& node() { return *node_; }

  // The node and a submission end with what the server says, and without the password.
  void check_denied(const std::string& word) {
    const Outcome submission = workplace_.flowrra({"submit", "gate.note", workplace_ / "notes", "never"});
    const Outcome run = node_->wait();
    for (const Outcome& each : {submission, run}) {
      BOOST_TEST(each.code() == 8);
      BOOST_TEST(has(each.err, word), each.err);
      BOOST_TEST(!has(each.err, "sesame"), each.err);
    }
  }

 private:
  RedisServer server_;
  Workplace workplace_;
  std::unique_ptr<Process> node_;
};

// A node works on by itself after what the server said when it was asked.
void check_works(const Workplace& workplace, Process& node) {
  BOOST_TEST(workplace.ended(workplace.submit({"gate.note", workplace / "notes", "again"}))["state"] == "success");
  node.signal(SIGTERM);
  const Outcome outcome = node.wait();
  BOOST_TEST(outcome.code() == 0);
  BOOST_TEST(!has(outcome.err, "the session is lost"), outcome.err);
}

void check_refused(const Workplace& workplace, const std::string& word) {
  const Outcome outcome = workplace.flowrra({"submit", "gate.note", workplace / "notes", "never", "--id", "never"});
  BOOST_TEST(outcome.code() == 7);
  BOOST_TEST(outcome.out.empty());
  BOOST_TEST(has(outcome.err, word), outcome.err);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_node_that_loses_its_rights_for_good_stops_and_says_why) {
  Guarded guarded("1.0");
  guarded.command({"ACL", "SETUSER", "worker", "-evalsha", "-eval"});
  guarded.check_denied("NOPERM");
}

BOOST_AUTO_TEST_CASE(a_node_whose_password_is_changed_stops_and_says_why) {
  Guarded guarded("1.0");
  guarded.command({"ACL", "SETUSER", "worker", "resetpass", ">shut-sesame"});
  guarded.command({"CLIENT", "KILL", "USER", "worker"});
  guarded.check_denied("WRONGPASS");
}

BOOST_AUTO_TEST_CASE(a_node_that_gets_its_rights_back_within_its_lease_goes_on) {
  Guarded guarded("20.0");
  const Gate gate(guarded.workplace());
  const std::string runs = guarded.workplace().submit({"gate.blocking", gate.path()});
  gate.reached(1);
  guarded.command({"ACL", "SETUSER", "worker", "-evalsha", "-eval"});
  gate.open();
  guarded.node().wait_for_error_text("the broker fails, work waits");
  guarded.command({"ACL", "SETUSER", "worker", "+@all"});
  BOOST_TEST(guarded.workplace().ended(runs)["state"] == "success");
  check_works(guarded.workplace(), guarded.node());
}

BOOST_AUTO_TEST_CASE(a_node_waits_for_a_server_that_reads_its_data) {
  RedisOptions options;
  options.append = "always";
  RedisServer server(options);
  const Workplace workplace(notes_over(server.url(), "20.0"));
  auto node = workplace.node();
  for (int i = 0; i < 3; ++i) {
    server.cli({"EVAL", "for i = 1, 2000 do redis.call('SET', 'other' .. i, i) end", "0"});
  }
  server.cli({"CONFIG", "SET", "key-load-delay", "150"});
  server.cli({"CONFIG", "REWRITE"});
  std::jthread submitter([&](const std::stop_token& stop) {
    Outcome outcome;
    do {
      outcome = workplace.flowrra({"status"});
    } while (!has(outcome.err, "LOADING") && !stop.stop_requested());
    BOOST_TEST(outcome.code() == 7);
    BOOST_TEST(has(outcome.err, "LOADING"), outcome.err);
  });
  server.restart();
  submitter.request_stop();
  submitter.join();
  check_works(workplace, *node);
}

BOOST_AUTO_TEST_CASE(a_node_waits_for_a_server_that_is_a_replica_to_be_the_primary_again) {
  const RedisServer server;
  const Workplace workplace(notes_over(server.url(), "20.0"));
  auto node = workplace.node();
  server.cli({"REPLICAOF", "127.0.0.1", std::to_string(free_port())});
  check_refused(workplace, "READONLY");
  node->wait_for_error_text("READONLY");
  server.cli({"REPLICAOF", "NO", "ONE"});
  check_works(workplace, *node);
}

BOOST_AUTO_TEST_CASE(a_node_waits_for_a_server_that_is_busy_with_a_script_of_somebody) {
  RedisOptions options;
  options.more = {"busy-reply-threshold 50"};
  const RedisServer server(options);
  const Workplace workplace(notes_over(server.url(), "20.0"));
  auto node = workplace.node();
  std::jthread somebody([&server] {
    BOOST_CHECK_THROW(server.cli({"EVAL", "while true do end", "0"}), std::runtime_error);
  });
  node->wait_for_error_text("BUSY");
  check_refused(workplace, "BUSY");
  server.cli({"SCRIPT", "KILL"});
  somebody.join();
  check_works(workplace, *node);
}
