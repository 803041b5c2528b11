#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "executor/executor.hpp"
#include "executor/loop.hpp"
#include "node/courier.hpp"
#include "task/attempt.hpp"

namespace flowrra {

// The outcomes that wait to be settled. Where the backend is a store of its own, a final outcome's record is kept
// there first and settled second; both steps may be repeated. All on the loop thread.
class Outbox {
 public:
  // `backend` is null when the broker's store keeps the results. `ready` is called when batch() has something new.
  Outbox(Loop& loop, const Clock& clock, std::string node, Courier* backend, std::function<void()> ready);

  void add(const LeasedTask& leased, Settlement settlement);

  // Takes at most `most` settlements that may go to the broker now.
  std::vector<Settlement> batch(std::size_t most);
  // Puts a batch back that the broker did not get.
  void put_back(std::vector<Settlement> settlements);

  // Everything not yet taken by batch().
  [[nodiscard]] std::size_t size() const { return settlements_.size() + unkept_.size() + keeping_; }
  [[nodiscard]] bool separate_backend() const { return backend_ != nullptr; }

 private:
  struct Unkept {
    TaskRecord record;
    Settlement settlement;
  };
  void keep();
  void on_kept(const Status& status, std::vector<Unkept> batch);

  const Clock& clock_;
  std::string node_;
  Courier* backend_;
  std::function<void()> ready_;
  std::deque<Settlement> settlements_;
  std::deque<Unkept> unkept_;
  std::size_t keeping_ = 0;
  bool failing_ = false;
  Deferred keep_;
  Timer again_;
};

}  // namespace flowrra
