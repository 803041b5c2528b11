#pragma once

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "bench/rates.hpp"
#include "store/open/open.hpp"
#include "support/must.hpp"

namespace flowrra::bench {

// A store with one session, and the two halves of a task's life in it.
class StoreUnderTest {
 public:
  explicit StoreUnderTest(const std::string& url) {
    StoreOptions options;
    options.url = url;
    store_ = test::must(open_store(options));
  }

  using Names = std::vector<std::string>;

  // Of these names in turns.
  void push_all(int tasks, int batch, const Names& names = {"noop"}) {
    for (int done = 0; done < tasks; done += batch) {
      std::vector<NewTask> some(static_cast<std::size_t>(std::min(batch, tasks - done)));
      for (std::size_t i = 0; i < some.size(); ++i) {
        some[i].id = new_ulid(system_clock());
        some[i].name = names[i % names.size()];
        some[i].args = kArgs;
      }
      test::must(store_->broker().push(some, std::numeric_limits<std::int32_t>::max()));
    }
  }

  // The outcomes of one batch and the claim of the next in one turn, until so many are done. Their ids.
  std::vector<TaskId> drain_all(int tasks, int batch, const Names& names = {"noop"}) {
    open_session();
    std::vector<TaskId> ended;
    ended.reserve(static_cast<std::size_t>(tasks));
    ExchangeRequest turn;
    turn.take = TakeRequest{"bench", "bench", {"default"}, {{batch, TaskNames({names.begin(), names.end()})}}};
    while (static_cast<int>(ended.size()) < tasks) {
      turn.take->wants.front().limit =
          std::min(batch, tasks - static_cast<int>(ended.size() + turn.settlements.size()));
      auto answer = test::must(store_->broker().exchange(turn));
      if (std::ranges::count(answer.settled, true) != std::ssize(turn.settlements) ||
          (turn.settlements.empty() && answer.taken.empty())) {
        throw std::runtime_error("the store refused an outcome, or has lost tasks");
      }
      for (Settlement& settled : turn.settlements) ended.push_back(std::move(settled.lease.task));
      turn.settlements.clear();
      for (LeasedTask& leased : answer.taken) turn.settlements.push_back(success(std::move(leased)));
    }
    return ended;
  }

  void forget(const std::vector<TaskId>& ended) { test::must(store_->backend().remove(ended)); }

  std::int64_t count(State state) {
    std::int64_t sum = 0;
    for (const StateCount& one : test::must(store_->broker().counts())) sum += one.state == state ? one.count : 0;
    return sum;
  }

 private:
  void open_session() {
    if (std::exchange(open_, true)) return;
    Session session;
    session.id = session.node = "bench";
    test::must(store_->directory().open_session(session, std::chrono::hours(1)));
  }

  static Settlement success(LeasedTask leased) {
    Settlement out;
    out.lease = std::move(leased.lease);
    out.result = std::move(leased.task.args);
    out.resources = Resources{0.2, 4096};
    return out;
  }

  std::unique_ptr<Store> store_;
  bool open_ = false;
};

}  // namespace flowrra::bench
