// A wake-up that comes at the worst moment is not lost, nor what an answer said that never came.

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "base/id.hpp"
#include "node/node.hpp"
#include "store/memory/memory_store.hpp"
#include "support/build_tree.hpp"
#include "wrapped_store.hpp"

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

// Of a node that ends when it has run the tasks of this name.
NodeOptions options_for(const std::string& task) {
  NodeOptions out;
  out.name = "test";
  out.queues = {"default"};
  out.specs.emplace_back();
  out.specs.back().name = task;
  out.hosts.program = test::program("flowrra-host");
  out.hosts.plugins = {test::sample("text.so")};
  out.exit_when_empty = true;
  return out;
}

NewTask sum() {
  NewTask task;
  task.id = new_ulid(system_clock());
  task.name = "text.add";
  task.args = "[1,2]";
  return task;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wake)

BOOST_AUTO_TEST_CASE(a_task_that_comes_while_a_claim_is_under_way_is_claimed_next) {
  const StoreOptions options{.url = "memory://" + new_ulid(system_clock())};
  auto submitter = *open_memory_store(options);
  auto inner = *open_memory_store(options);
  const NewTask task = sum();
  const TaskId id = task.id;
  // The task comes after the first exchange that takes, before the node knows the answer to that.
  std::function<void()> after_take = [&] { BOOST_TEST(submitter->broker().push(std::span(&task, 1), 10).ok()); };
  auto store = std::make_unique<WrappedStore>(std::move(inner), [&](Broker& broker, const ExchangeRequest& request) {
    auto answer = broker.exchange(request);
    if (request.take && answer) std::exchange(after_take, [] {})();
    return answer;
  });

  Loop loop;
  Node node(loop, system_clock(), options_for(task.name), std::move(store), nullptr,
            {.ready = {}, .stopped = [&] { loop.stop(); }});
  node.start();
  loop.run();

  const auto record = submitter->backend().get(id);
  BOOST_REQUIRE((record.ok() && record->has_value()));
  BOOST_TEST(((*record)->state == State::success));
}

BOOST_AUTO_TEST_CASE(what_is_claimed_while_a_drain_begins_is_handed_back) {
  const StoreOptions options{.url = "memory://" + new_ulid(system_clock())};
  auto submitter = *open_memory_store(options);
  const NewTask task = sum();
  Loop loop;
  std::promise<void> drains;
  std::function<void()> drain;
  Wakeup asked(loop, [&] { drain(); });
  auto store =
      std::make_unique<WrappedStore>(*open_memory_store(options), [&](Broker& broker, const ExchangeRequest& request) {
        auto answer = broker.exchange(request);
        if (!answer || answer->taken.empty()) return answer;
        asked.signal();
        drains.get_future().wait();
        return answer;
      });
  NodeOptions waits = options_for(task.name);
  waits.exit_when_empty = false;
  Node node(loop, system_clock(), waits, std::move(store), nullptr,
            {.ready = [&] { BOOST_TEST(submitter->broker().push(std::span(&task, 1), 10).ok()); },
             .stopped = [&] { loop.stop(); }});
  drain = [&] {
    node.drain();
    drains.set_value();
  };
  node.start();
  loop.run();

  const auto record = submitter->broker().find(task.id);
  BOOST_REQUIRE((record.ok() && record->has_value()));
  BOOST_TEST(((*record)->state == State::pending));
  BOOST_TEST((*record)->attempt == 0);
}

// Over a network the wake-up of a node's own settlement may come late.
BOOST_AUTO_TEST_CASE(what_waits_for_another_attempt_is_not_left_behind_by_a_node_that_ends_when_nothing_is_left) {
  const StoreOptions options{.url = "memory://" + new_ulid(system_clock())};
  auto submitter = *open_memory_store(options);
  NewTask task = sum();
  task.name = "faulty.io_sleep";
  task.args = "[600000]";
  BOOST_TEST(submitter->broker().push(std::span(&task, 1), 10).ok());
  auto store = std::make_unique<WrappedStore>(
      *open_memory_store(options),
      [](Broker& broker, const ExchangeRequest& request) { return broker.exchange(request); }, true);

  NodeOptions tries = options_for(task.name);
  tries.specs.back().kind = Kind::io;
  tries.hosts.plugins = {test::fixture("faulty.so")};
  tries.lease = 300ms;  // it looks at the store while the task runs, and finds nothing
  tries.defaults.timeout = 600ms;
  tries.defaults.max_retries = 1;
  tries.defaults.retry_delay = 50ms;
  Loop loop;
  Node node(loop, system_clock(), tries, std::move(store), nullptr, {.ready = {}, .stopped = [&] { loop.stop(); }});
  node.start();
  loop.run();

  const auto record = submitter->broker().find(task.id);
  BOOST_REQUIRE((record.ok() && record->has_value()));
  BOOST_TEST(((*record)->state == State::failed));
  BOOST_TEST((*record)->attempt == 2);
}

BOOST_AUTO_TEST_CASE(what_was_leased_in_an_exchange_whose_answer_was_lost_is_run_all_the_same) {
  const StoreOptions options{.url = "memory://" + new_ulid(system_clock())};
  auto submitter = *open_memory_store(options);
  const NewTask task = sum();
  BOOST_TEST(submitter->broker().push(std::span(&task, 1), 10).ok());
  bool lost = false;
  auto store = std::make_unique<WrappedStore>(
      *open_memory_store(options), [&](Broker& broker, const ExchangeRequest& request) -> Result<ExchangeAnswer> {
        auto answer = broker.exchange(request);
        if (lost || !answer || answer->taken.empty()) return answer;
        lost = true;  // it was committed, but nobody will know
        return Error{Code::unreachable, "the answer was lost", {}};
      });

  Loop loop;
  Node node(loop, system_clock(), options_for(task.name), std::move(store), nullptr,
            {.ready = {}, .stopped = [&] { loop.stop(); }});
  node.start();
  loop.run();

  const auto record = submitter->backend().get(task.id);
  BOOST_REQUIRE((record.ok() && record->has_value()));
  BOOST_TEST(((*record)->state == State::success));
  BOOST_TEST((*record)->attempt == 1);
  BOOST_TEST(lost);
}

BOOST_AUTO_TEST_SUITE_END()
