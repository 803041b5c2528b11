#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
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

  void push_all(int tasks, int batch) {
    for (int done = 0; done < tasks; done += batch) {
      std::vector<NewTask> some(static_cast<std::size_t>(std::min(batch, tasks - done)));
      for (NewTask& task : some) {
        task.id = new_ulid(system_clock());
        task.name = "noop";
        task.args = kArgs;
      }
      test::must(store_->broker().push(some, tasks));
    }
  }

  // The outcomes of one batch and the claim of the next in one turn.
  void drain_all(int tasks, int batch) {
    Session session;
    session.id = session.node = "bench";
    test::must(store_->directory().open_session(session, std::chrono::hours(1)));
    ExchangeRequest turn;
    turn.take = TakeRequest{"bench", "bench", {"default"}, {{batch, {"noop"}}}};
    for (int done = 0; done < tasks;) {
      auto answer = test::must(store_->broker().exchange(turn));
      done += static_cast<int>(turn.settlements.size());
      turn.settlements.clear();
      for (LeasedTask& leased : answer.taken) {
        Settlement success;
        success.lease = std::move(leased.lease);
        success.result = std::move(leased.task.args);
        success.resources = Resources{0.2, 4096};
        turn.settlements.push_back(std::move(success));
      }
    }
  }

 private:
  std::unique_ptr<Store> store_;
};

}  // namespace flowrra::bench
