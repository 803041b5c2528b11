// A Redis server whose memory is full: nothing more is acknowledged or begun, what was is kept, nodes stay alive, and
// all goes on when there is room again.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/gate.hpp"
#include "support/redis_server.hpp"
#include "support/resp_client.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

constexpr double kLease = 1.0;
constexpr int kMostHeld = 3;  // results that wait at the same time

RedisOptions small() {
  RedisOptions out;
  out.max_memory = "5mb";
  return out;
}

class Full {
 public:
  Full()
      : server_(small()),
        workplace_({.plugins = {fixture("gate.so"), fixture("faulty.so")},
                    .broker = server_.url(),
                    .executor = "lease = 1.0\nio_workers = 2\nblocking_threads = 2\ncpu_workers = 1\n"
                                "kill_grace = 0.3\n"}),
        gate_(workplace_),
        node_(workplace_.node()) {}

  RedisServer& server() { return server_; }
  [[nodiscard]] const Workplace& workplace() const { return workplace_; }
  [[nodiscard]] const Gate& gate() const { return gate_; }
  Process& node() { return *node_; }

  // Submits to a queue that nobody works on until it is refused: the id.
  [[nodiscard]] std::string fill() {
    const std::string argument(100'000, 'x');
    for (;;) {
      const std::string id = "more" + std::to_string(submitted_++);
      const Outcome outcome =
          workplace_.flowrra({"submit", "faulty.io_echo", argument, "--queue", "other", "--id", id});
      if (outcome.code() == 0) continue;
      BOOST_TEST(outcome.code() == 7);
      BOOST_TEST(outcome.out.empty());
      BOOST_TEST(has(outcome.err, "maxmemory"), outcome.err);
      BOOST_TEST(has(outcome.err, "flowrra rm"), outcome.err);
      return id;
    }
  }

  // After the large ones not even little finds room, whatever connections come and go.
  void fill_up() {
    bound_ -= 1'500'000;
    server_.cli({"CONFIG", "SET", "maxmemory", std::to_string(bound_)});
  }

  // Waits until the node has renewed its session for so long; the session.
  std::string lives_on(double seconds) {
    const auto read = [this] { return server_.cli({"ZRANGE", "{flowrra}:sessions", "0", "-1", "WITHSCORES"}); };
    const std::string first = read();
    const std::string id = first.substr(0, first.find('\n'));
    const double until = std::stod(first.substr(id.size() + 1)) + seconds * 1e6;
    for (std::string now = first; std::stod(now.substr(id.size() + 1)) < until; now = read()) {
      BOOST_REQUIRE(now.substr(0, id.size()) == id);
      BOOST_REQUIRE(!node_->ends_within(std::chrono::milliseconds(20)));
    }
    return id;
  }

  // How often the node has said that the server refuses its work, or that it goes on.
  [[nodiscard]] std::size_t said(const std::string& text) const {
    std::size_t times = 0;
    const std::string log = node_->err();
    for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++times;
    return times;
  }

 private:
  RedisServer server_;
  Workplace workplace_;
  Gate gate_;
  std::unique_ptr<Process> node_;
  int submitted_ = 0;
  long bound_ = 5L << 20;
};

void check_success(const Json& record) {
  BOOST_TEST(record["state"] == "success");
  BOOST_TEST(record["attempt"] == 1);
}

int running(const Workplace& workplace) {
  return Json::parse(workplace.flowrra({"status", "-o", "json"}).out)["totals"]["running"].get<int>();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_full_server_refuses_work_keeps_what_there_is_and_work_goes_on_when_there_is_room) {
  Full full;
  const Workplace& workplace = full.workplace();
  const std::string cpu = workplace.submit({"gate.cpu", full.gate().path()});
  const std::string blocking = workplace.submit({"gate.blocking", full.gate().path()});
  const std::string cancelled = workplace.submit({"gate.cpu", full.gate().path(), "--queue", "other"});
  full.gate().reached(2);
  const std::string waits = workplace.submit({"gate.cpu", full.gate().path()});
  const std::string refused = full.fill();
  full.fill_up();
  BOOST_TEST(workplace.flowrra({"result", refused}).code() == 3);

  full.gate().open(2);  // their outcomes find no room, and nothing else is begun
  full.node().wait_for_error_text("the broker fails, work waits");
  const std::string session = full.lives_on(2.5 * kLease);
  BOOST_TEST(running(workplace) > 0);
  BOOST_TEST(running(workplace) <= kMostHeld);
  BOOST_TEST(full.gate().reached(2).size() == 2U);
  BOOST_TEST(full.said("the session is lost") == 0U);
  // What makes room, or is small and keeps work going, is not refused.
  BOOST_TEST(workplace.flowrra({"cancel", cancelled}).code() == 0);
  BOOST_TEST(workplace.flowrra({"queue", "pause", "other"}).code() == 0);
  auto another = workplace.node();
  another->signal(SIGTERM);
  BOOST_TEST(another->wait().code() == 0);

  BOOST_TEST(workplace.flowrra({"queue", "purge", "other", "--yes"}).code() == 0);
  check_success(workplace.ended(cpu));
  check_success(workplace.ended(blocking));
  full.gate().reached(3);

  BOOST_TEST(workplace.flowrra({"result", full.fill()}).code() == 3);
  full.server().cli({"CONFIG", "SET", "maxmemory", "2mb"});  // far below what is used: nothing finds room
  full.gate().open(1);
  while (full.said("the broker fails, work waits") < 2)
    BOOST_REQUIRE(!full.node().ends_within(std::chrono::milliseconds(5)));
  full.server().cli({"CONFIG", "SET", "maxmemory", "0"});
  check_success(workplace.ended(waits));
  BOOST_TEST(full.lives_on(0) == session);
  full.node().signal(SIGTERM);
  BOOST_TEST(full.node().wait().code() == 0);
}
