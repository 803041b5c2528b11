// A network between nodes, submitters and the Redis server that cuts, swallows and dribbles.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <random>

#include "fault/redis_bench.hpp"
#include "support/proxy.hpp"

using namespace flowrra::test;

namespace {

using SteadyClock = std::chrono::steady_clock;
using Json = nlohmann::json;
using Seconds = std::chrono::duration<double>;

// A server, the network to it, and a node and submitters beyond that network.
class Beyond {
 public:
  Beyond()
      : server_(durable()),
        proxy_(server_.port()),
        workplace_(traced_over(proxy_.url(server_.url()))),
        trace_(workplace_ / "trace"),
        node_(workplace_.node()) {
    load_.emplace(workplace_, trace_, Load::How{.store_fails = true});
    trace_.wait_for_finished(100, {});  // it is under way
  }

  [[nodiscard]] const RedisServer& server() const { return server_; }
  Proxy& proxy() { return proxy_; }
  Trace& trace() { return trace_; }
  Process& node() { return *node_; }

  // Everything is well again: nothing is lost, nothing has run twice, nothing is left.
  void check(const std::string& name, Json more) {
    proxy_.pass();
    Verdict verdict;
    load_->stop_and_tell(verdict);
    BOOST_TEST(stale(workplace_) == 0);
    node_->signal(SIGTERM);
    BOOST_TEST(node_->wait().code() == 0);
    verdict.check_runs(trace_.runs(), {}, 0);
    verdict.check_rest(workplace_);
    auto found = verdict.json();
    found["submissions_repeated"] = load_->repeated();
    found.update(more);
    report(name, found);
    BOOST_TEST(verdict.acknowledged > 100U);
    BOOST_TEST(verdict.lost == 0U);
    BOOST_TEST(verdict.duplicated == 0U);
    BOOST_TEST(verdict.unexpected() == 0);
  }

 private:
  RedisServer server_;
  Proxy proxy_;
  Workplace workplace_;
  Trace trace_;
  std::unique_ptr<Process> node_;
  std::optional<Load> load_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_is_lost_or_doubled_by_connections_that_are_cut_anywhere_in_requests_and_answers) {
  Beyond beyond;
  std::minstd_rand random(11);
  const int cuts = rounds(40, 3000);
  for (int round = 0; round < cuts; ++round) {
    const std::size_t before = beyond.proxy().counts().cut;
    const std::size_t bytes = random() % 3000;
    const auto is_cut = [&](const Proxy::Counts& counts) { return counts.cut > before; };
    while (round % 4 == 0 && !is_cut(beyond.proxy().counts())) {
      beyond.proxy().wait_for([](const Proxy::Counts& counts) { return counts.open > 0; });
      beyond.proxy().cut();
    }
    if (round % 4 == 1) beyond.proxy().cut_answer(bytes);
    if (round % 4 == 2) beyond.proxy().cut_request(bytes);
    if (round % 4 == 3) beyond.proxy().cut_answer(bytes % 8);
    beyond.proxy().wait_for(is_cut);
    beyond.trace().wait_for_finished(beyond.trace().finished() + random() % 12, {});
  }
  beyond.check("redis_cuts", {{"cuts", cuts}});
}

BOOST_AUTO_TEST_CASE(a_node_notices_a_half_open_connection_within_its_timeout_and_goes_on) {
  Beyond beyond;
  Times resumed;
  const int times = rounds(2, 60);
  for (int round = 0; round < times; ++round) {
    beyond.proxy().swallow();
    Heartbeat heartbeat(beyond.server());
    const auto from = SteadyClock::now();
    // By turns the way is open again for who asks anew, or is so only when that was swallowed, too.
    const std::size_t known = beyond.proxy().counts().connections;
    const auto more = [&](const Proxy::Counts& counts) { return counts.connections >= known + 3; };
    if (round % 2 == 1) beyond.proxy().wait_for(more);
    beyond.proxy().pass();
    const auto open = SteadyClock::now();
    heartbeat.wait();
    resumed.add(SteadyClock::now() - (round % 2 == 1 ? open : from));
    beyond.trace().wait_for_finished(beyond.trace().finished() + 50, {});
  }
  BOOST_TEST(resumed.share(1) <= 5);
  beyond.check("redis_half_open", {{"times", times}, {"resumed_s", resumed.json()}});
}

BOOST_AUTO_TEST_CASE(work_goes_on_through_a_network_that_dribbles_and_after_one_that_is_too_slow) {
  Beyond beyond;
  beyond.proxy().dribble();
  beyond.trace().wait_for_finished(beyond.trace().finished() + 100, {});
  beyond.proxy().dribble(std::chrono::milliseconds(20));  // no greeting comes through in time
  beyond.node().wait_for_error_text("the broker fails");
  Heartbeat heartbeat(beyond.server());
  beyond.proxy().pass();
  const auto open = SteadyClock::now();
  heartbeat.wait();
  const double resumed = Seconds(SteadyClock::now() - open).count();
  BOOST_TEST(resumed <= 5);
  beyond.check("redis_slow", {{"resumed_s", resumed}});
}

// What a submission says is what became of it: with 0 there is one task, without there is none, wherever it is cut.
BOOST_AUTO_TEST_CASE(a_submission_whose_answer_is_cut_anywhere_queues_one_task_or_none_as_it_says) {
  const RedisServer server(durable());
  Proxy proxy(server.port());
  const Workplace workplace(traced_over(proxy.url(server.url())));
  auto node = workplace.node();
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);  // what it can run is known now
  const auto submit = [&] { return workplace.flowrra({"submit", "traced.io", "path", "1"}); };
  const auto before = proxy.counts();
  BOOST_TEST(submit().code() == 0);
  const auto after = proxy.counts();
  const std::size_t asked = after.requested - before.requested;
  const std::size_t answered = after.answered - before.answered;
  int accepted = 1;
  int refused = 0;
  const auto try_once = [&](std::size_t at, std::size_t end) {
    const Outcome outcome = submit();
    // Before its last words, what was cut is an attempt to connect, or a look that is made twice.
    BOOST_TEST((outcome.code() == 0 || outcome.code() == 7));
    (outcome.code() == 0 ? accepted : refused) += 1;
    BOOST_TEST(outcome.out.empty() == (outcome.code() != 0));
    if (at + 60 > end) BOOST_TEST_CONTEXT(at << " of " << end << ": " << outcome.err) BOOST_TEST(outcome.code() == 0);
    proxy.pass();
  };
  for (std::size_t at = 0; at < answered; at += at + 60 < answered ? 257 : 3) {
    proxy.cut_answer(at);
    try_once(at, answered);
  }
  for (std::size_t at = 0; at < asked; at += at + 600 < asked ? 257 : 23) {
    proxy.cut_request(at);
    try_once(at, asked);
  }
  const auto totals = Json::parse(workplace.flowrra({"status", "-o", "json"}).out).at("totals");
  BOOST_TEST(totals.at("pending") == accepted);
  report("redis_cut_submissions", {{"accepted", accepted}, {"refused", refused}});
}
