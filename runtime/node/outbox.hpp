#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "executor/executor.hpp"
#include "executor/loop.hpp"
#include "node/courier.hpp"
#include "node/pulse.hpp"
#include "task/attempt.hpp"

namespace flowrra {

// The outcomes that wait to be settled. Where the backend is a store of its own, a final outcome's record is kept
// there first and settled second; both steps may be repeated. All on the loop thread.
class Outbox {
 public:
  // `backend` is null when the broker's store keeps the results. `ready` is called when batch() has something new.
  Outbox(Loop& loop, const Clock& clock, std::string node, Courier* backend, std::function<void()> ready);

  void add(const LeasedTask& leased, Settlement&& settlement);

  // Moves settlements that may go to the broker now to `out`, until it has `most`, or 64 MB.
  void batch(std::size_t most, std::vector<Settlement>& out);
  // The batch was settled, or it is put back: the broker did not get it.
  void settled();
  void put_back(std::vector<Settlement> settlements);

  // Everything not yet taken by batch().
  [[nodiscard]] std::size_t size() const { return settlements_.size() + unkept_.size() + keeping_.size(); }
  void add_held(std::vector<TaskId>& out) const;
  // Stuck when an outcome has waited for longer than `limit`.
  [[nodiscard]] PartHealth health(Micros limit) const;
  [[nodiscard]] bool separate_backend() const { return backend_ != nullptr; }

 private:
  struct Unkept {
    TaskRecord record;
    Settlement settlement;
    BootTime since;
  };
  struct Unsettled {
    Settlement settlement;
    BootTime since;
  };
  void keep();
  void on_kept(const Status& status, std::vector<Unkept> batch);

  const Clock& clock_;
  std::string node_;
  Courier* backend_;
  std::function<void()> ready_;
  std::deque<Unsettled> settlements_;
  std::deque<Unkept> unkept_;
  std::optional<BootTime> under_way_;  // since when the oldest one has waited that batch() gave out
  std::vector<TaskId> keeping_;        // what the backend is being given …
  BootTime keeping_since_{};           // … and since when the oldest of it has waited
  Pulse pulse_;
  bool failing_ = false;
  Deferred keep_;
  Timer again_;
};

}  // namespace flowrra
