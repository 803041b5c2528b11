#include "node/exchanges.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace flowrra {
namespace {

// A store does more of them at once for little more, and fewer for not much less.
constexpr std::size_t kWorthIt = 256;

}  // namespace

Exchanges::Next::Next(const Clock& the_clock, Courier& the_broker)
    : clock(the_clock), broker(the_broker), ripe(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!ripe) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Exchanges::Next::silence() {
  if (std::exchange(rung, false)) clear_wake(ripe.get());
}

void Exchanges::Next::ring_if_ripe() {
  if (rung || exchange.request.settlements.size() < kWorthIt) return;
  rung = true;
  eventfd_write(ripe.get(), 1);
}

Exchanges::Shared Exchanges::Next::begin(Exchange&& begun) {
  for (std::size_t way = 0; way < kWays; ++way) asked[way] += begun.asked[way];
  if (gone++ == 0) since = clock.boot();
  return std::make_shared<Exchange>(std::move(begun));
}

Exchanges::Shared Exchanges::Next::take() {
  const std::scoped_lock lock(mutex);
  silence();
  return std::exchange(ready, false) ? begin(std::exchange(exchange, {})) : nullptr;
}

bool Exchanges::Next::stand_down() {
  const std::scoped_lock lock(mutex);
  standing.reset();
  return !under_way();
}

Exchanges::Shared Exchanges::Next::take_standing() {
  const std::scoped_lock lock(mutex);
  if (!standing) return nullptr;
  standing->stood_by = true;
  return begin(*std::exchange(standing, std::nullopt));
}

Exchanges::Exchanges(const Clock& clock, Courier& broker, Events events)
    : events_(std::move(events)), next_(std::make_shared<Next>(clock, broker)) {
  broker.watch([this, next = next_](Broker& store) { woken(this, *next, store); });
}

void Exchanges::stand_by(Exchange claim) {
  const std::scoped_lock lock(next_->mutex);
  next_->standing = std::move(claim);
}

bool Exchanges::stand_down() { return next_->stand_down(); }

std::optional<BootTime> Exchanges::under_way_since() const {
  const std::scoped_lock lock(next_->mutex);
  return next_->under_way() ? std::optional(next_->since) : std::nullopt;
}

Exchanges::Exchange Exchanges::withdraw() {
  const std::scoped_lock lock(next_->mutex);
  next_->standing.reset();
  next_->ready = false;
  next_->silence();
  return std::exchange(next_->exchange, {});
}

// One after another for as long as something is ready and nothing else wants the store: heartbeats have their turn.
Exchanges::Ended Exchanges::run(Exchanges* loop_only, Next& next, Broker& broker, const Shared& first) {
  Shared current = first;
  broker.begin_exchange(current->request);
  for (;;) {
    Shared following;
    const auto take_next = [&]() -> const ExchangeRequest* {
      if (!next.broker.is_waited_for()) following = next.take();
      return following ? &following->request : nullptr;
    };
    auto answer = broker.end_exchange({take_next, next.ripe.get()});
    if (!answer) next.stand_down();  // what failed is to be told again first
    // A wake-up that nothing followed is told by who waits for the next, unless nothing was found: that may be the end.
    const bool found = answer && !answer->taken.empty();
    bool woken = (following || !found) && broker.woken();
    const bool may_begin = woken && !following && !next.broker.is_waited_for();
    if (Shared standing = may_begin ? next.take_standing() : nullptr) {
      woken = false;
      broker.begin_exchange(standing->request);
      following = std::move(standing);
    }
    Ended ended{std::move(answer), std::move(current), woken};
    if (!following) return ended;
    auto shared = std::make_shared<Ended>(std::move(ended));
    next.broker.tell([loop_only, shared] { loop_only->answered(std::move(*shared)); });
    current = std::move(following);
  }
}

void Exchanges::woken(Exchanges* loop_only, Next& next, Broker& broker) {
  const Shared standing = next.take_standing();
  if (!standing) return next.broker.tell([loop_only] { loop_only->events_.woken(); });
  auto last = std::make_shared<Ended>(run(loop_only, next, broker, standing));
  next.broker.tell([loop_only, last] { loop_only->answered(std::move(*last)); });
}

void Exchanges::send() {
  const Shared first = next_->take();
  if (!first) return;
  next_->broker.post([this, first, next = next_](Store& store) { return run(this, *next, store.broker(), first); },
                     [this](Ended last) { answered(std::move(last)); });
}

void Exchanges::answered(Ended ended) {
  {
    const std::scoped_lock lock(next_->mutex);
    for (std::size_t way = 0; way < kWays; ++way) next_->asked[way] -= ended.exchange->asked[way];
    --next_->gone;
    next_->since = next_->clock.boot();
  }
  if (ended.woken) events_.woken();
  events_.answered(std::move(ended.answer), std::move(*ended.exchange));
}

}  // namespace flowrra
