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
// by then; or, where the broker can have two, as soon as it is worth it. A claim may stand by, which begins the moment
// the broker is woken and nothing is under way any more, likewise without the loop. All on the loop thread but where it
// says otherwise.
class Exchanges {
 public:
  // The three ways to run a task; each has room of its own.
  enum Way : std::size_t { kLoop, kPool, kCpu, kWays };
  using Room = std::array<int, kWays>;

  struct Exchange {
    ExchangeRequest request;
    Room asked{};               // places of the claim
    std::int64_t wake_ups = 0;  // that the node knew of
    bool stood_by = false;      // a wake-up that it does not know of began it
  };
  struct Events {
    std::function<void(Result<ExchangeAnswer>, Exchange)> answered;  // each, in order
    std::function<void()>
        woken;  // the broker was, and no claim has begun with that; before the answer that it fell into
  };

  Exchanges(const Clock& clock, Courier& broker, Events events);

  // Lets `fill(Exchange&, const Room&)` add to what goes next, given the places that were asked for and not answered;
  // it returns whether there is anything to send. That goes at once if nothing is under way. False when there is
  // nothing. A claim that is sent replaces the one that stands by.
  template <typename Fill>
  bool add(Fill fill) {
    bool goes = false;
    {
      const std::scoped_lock lock(next_->mutex);
      Next& next = *next_;
      next.ready = fill(next.exchange, next.asked);
      if (!next.ready) return false;
      if (next.exchange.request.take) next.standing.reset();
      goes = !next.under_way();
      if (!goes) next.ring_if_ripe();
    }
    if (goes) send();
    return true;
  }

  // The claim that begins when the broker is woken, unless another is added before. Only at rest: see stand_down().
  void stand_by(Exchange claim);
  // Nothing stands by after this. Whether nothing is under way either: it is at rest then.
  bool stand_down();

  // What was gathered and did not go. Nothing stands by after this.
  Exchange withdraw();

  // Whether an answer is awaited, and since when.
  [[nodiscard]] bool under_way() const { return under_way_since().has_value(); }
  [[nodiscard]] std::optional<BootTime> under_way_since() const;

 private:
  using Shared = std::shared_ptr<Exchange>;

  // What the loop and the courier's thread know of, which may outlive this. All but the first two is guarded by the
  // mutex.
  struct Next {
    const Clock& clock;
    Courier& broker;
    std::mutex mutex;
    Exchange exchange;
    bool ready = false;                // it may go
    std::optional<Exchange> standing;  // it begins when the broker is woken
    int gone = 0;                      // and not answered, as far as the loop has looked
    BootTime since{};                  // when the first of these began, at the latest
    Room asked{};                      // by these
    bool rung = false;
    UniqueFd ripe;  // readable: it need not wait for the answer to what is under way

    Next(const Clock& clock, Courier& broker);
    // Under the lock:
    [[nodiscard]] bool under_way() const { return gone > 0; }
    void ring_if_ripe();
    void silence();
    Shared begin(Exchange&& begun);
    // [any thread] Null when there is nothing.
    Shared take();
    Shared take_standing();
    bool stand_down();  // as Exchanges::stand_down()
  };
  struct Ended {
    Result<ExchangeAnswer> answer;
    Shared exchange;
    bool woken;  // the broker was, meanwhile, as far as that was looked at, and no claim has begun with that
  };

  static Ended run(Exchanges* loop_only, Next& next, Broker& broker, const Shared& first);  // [courier thread]
  static void woken(Exchanges* loop_only, Next& next, Broker& broker);                      // [courier thread]
  void send();
  void answered(Ended ended);

  Events events_;
  std::shared_ptr<Next> next_;  // shared with the courier's thread
};

}  // namespace flowrra
