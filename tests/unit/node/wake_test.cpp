// A wake-up that comes at the worst moment is not lost.

#include <poll.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "base/id.hpp"
#include "node/node.hpp"
#include "store/memory/memory_store.hpp"
#include "support/build_tree.hpp"

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

// A broker that calls back after the first exchange that takes for a session, before its answer is known to the node.
class Interrupted final : public Broker {
 public:
  Interrupted(Broker& inner, std::function<void()> after_take) : inner_(inner), after_take_(std::move(after_take)) {}

  Result<ExchangeAnswer> exchange(const ExchangeRequest& request) override {
    auto answer = inner_.exchange(request);
    if (request.take && answer) std::exchange(after_take_, [] {})();
    return answer;
  }
  Result<std::vector<PushOutcome>> push(std::span<const NewTask> tasks, std::int64_t most) override {
    return inner_.push(tasks, most);
  }
  Result<int> recover() override { return inner_.recover(); }
  Result<std::vector<CancelOutcome>> cancel(std::span<const TaskId> ids) override { return inner_.cancel(ids); }
  Result<std::vector<ReplayOutcome>> replay(std::span<const TaskRecord> records) override {
    return inner_.replay(records);
  }
  Result<std::int64_t> purge(const std::string& queue) override { return inner_.purge(queue); }
  Result<std::optional<TaskRecord>> find(const TaskId& id) override { return inner_.find(id); }
  Result<std::vector<TaskRecord>> list(const ListQuery& query) override { return inner_.list(query); }
  Result<std::vector<StateCount>> counts() override { return inner_.counts(); }
  int wake_fd() override { return inner_.wake_fd(); }

 private:
  Broker& inner_;
  std::function<void()> after_take_;
};

class InterruptedStore final : public Store {
 public:
  InterruptedStore(std::unique_ptr<Store> inner, std::function<void()> after_take)
      : inner_(std::move(inner)), broker_(inner_->broker(), std::move(after_take)) {}
  Broker& broker() override { return broker_; }
  Directory& directory() override { return inner_->directory(); }
  Backend& backend() override { return inner_->backend(); }

 private:
  std::unique_ptr<Store> inner_;
  Interrupted broker_;
};

// Until the node's loop has read the descriptor and so knows of the wake-up.
void await_read(int fd) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  pollfd entry{fd, POLLIN, 0};
  while (poll(&entry, 1, 0) == 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wake)

BOOST_AUTO_TEST_CASE(a_task_that_comes_while_a_claim_is_under_way_is_claimed_next) {
  const StoreOptions options{.url = "memory://" + new_ulid(system_clock())};
  auto submitter = *open_memory_store(options);
  auto inner = *open_memory_store(options);
  const int wake_fd = inner->broker().wake_fd();
  NewTask task;
  task.id = new_ulid(system_clock());
  task.name = "text.add";
  task.args = "[1,2]";
  const TaskId id = task.id;
  auto store = std::make_unique<InterruptedStore>(std::move(inner), [&] {
    BOOST_TEST(submitter->broker().push(std::span(&task, 1), 10).ok());
    await_read(wake_fd);
  });

  NodeOptions node_options;
  node_options.name = "test";
  node_options.queues = {"default"};
  node_options.specs.emplace_back();
  node_options.specs.back().name = task.name;
  node_options.hosts.program = test::program("flowrra-host");
  node_options.hosts.plugins = {test::sample("text.so")};
  node_options.exit_when_empty = true;
  Loop loop;
  Node node(loop, system_clock(), node_options, std::move(store), nullptr,
            {.ready = {}, .stopped = [&] { loop.stop(); }});
  node.start();
  loop.run();

  const auto record = submitter->backend().get(id);
  BOOST_REQUIRE((record.ok() && record->has_value()));
  BOOST_TEST(((*record)->state == State::success));
}

BOOST_AUTO_TEST_SUITE_END()
