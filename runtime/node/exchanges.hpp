#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/fd.hpp"
#include "node/courier.hpp"

namespace flowrra {

// The exchanges of a node with its broker: while one is under way, what goes with the next is gathered. That begins the
// moment the broker has answered, without waiting for the loop to look at the answer, and carries all that was gathered
// by then; or, where the broker can have two, as soon as it is worth it. All on the loop thread but where it says
// otherwise.
class Exchanges {
 public:
  // The three ways to run a task; each has room of its own.
  enum Way : std::size_t { kLoop, kPool, kCpu, kWays };
  using Room = std::array<int, kWays>;

  struct Exchange {
    ExchangeRequest request;
    Room asked{};               // places of the claim
    std::int64_t wake_ups = 0;  // that the node knew of
  };
  // Called with each answer, in order.
  using Answered = std::function<void(Result<ExchangeAnswer>, Exchange)>;

  Exchanges(Courier& broker, Answered answered);

  // Lets `fill(Exchange&, const Room&)` add to what goes next, given the places that were asked for and not answered;
  // it returns whether there is anything to send. That goes at once if nothing is under way. False when there is
  // nothing.
  template <typename Fill>
  bool add(Fill fill) {
    {
      const std::scoped_lock lock(next_->mutex);
      Exchange& next = next_->exchange;
      next_->ready = fill(next, next_->under_way);
      if (!next_->ready) return false;
      if (under_way_) next_->ring_if_ripe();
    }
    if (!under_way_) send();
    return true;
  }

  // What was gathered and did not go.
  Exchange withdraw();

  [[nodiscard]] bool under_way() const { return under_way_; }

 private:
  struct Next {
    std::mutex mutex;
    Exchange exchange;   // guarded by mutex
    bool ready = false;  // guarded by mutex: it may go
    Room under_way{};    // guarded by mutex: asked for by what has gone
    bool rung = false;   // guarded by mutex
    UniqueFd ripe;       // readable: it need not wait for the answer to what is under way

    Next();
    void ring_if_ripe();
    void silence();
  };

  static std::shared_ptr<Exchange> take(Next& next);  // [any thread]
  void send();
  void answered(Result<ExchangeAnswer> answer, Exchange exchange, bool last);

  Courier& broker_;
  Answered answered_;
  std::shared_ptr<Next> next_;  // shared with the courier's thread
  bool under_way_ = false;
};

}  // namespace flowrra
