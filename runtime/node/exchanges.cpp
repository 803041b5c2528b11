#include "node/exchanges.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace flowrra {
namespace {

// A store does more of them at once for little more, and fewer for not much less.
constexpr std::size_t kWorthIt = 256;

}  // namespace

Exchanges::Next::Next() : ripe(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
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

Exchanges::Exchanges(Courier& broker, Answered answered)
    : broker_(broker), answered_(std::move(answered)), next_(std::make_shared<Next>()) {}

// Null when there is nothing.
std::shared_ptr<Exchanges::Exchange> Exchanges::take(Next& next) {
  const std::scoped_lock lock(next.mutex);
  next.silence();
  if (!std::exchange(next.ready, false)) return nullptr;
  for (std::size_t way = 0; way < kWays; ++way) next.under_way[way] += next.exchange.asked[way];
  return std::make_shared<Exchange>(std::exchange(next.exchange, {}));
}

Exchanges::Exchange Exchanges::withdraw() {
  const std::scoped_lock lock(next_->mutex);
  next_->ready = false;
  next_->silence();
  return std::exchange(next_->exchange, {});
}

// One after another for as long as something is ready and nothing else wants the store: heartbeats have their turn.
void Exchanges::send() {
  auto first = take(*next_);
  if (!first) return;
  under_way_ = true;
  struct Last {
    Result<ExchangeAnswer> answer;
    std::shared_ptr<Exchange> exchange;
  };
  // The courier may outlive this object, which only the loop may touch.
  auto work = [this, courier = &broker_, first, next = next_](Store& store) -> Last {
    Broker& broker = store.broker();
    std::shared_ptr<Exchange> current = first;
    broker.begin_exchange(current->request);
    for (;;) {
      std::shared_ptr<Exchange> following;
      const auto take_next = [&]() -> const ExchangeRequest* {
        if (!courier->is_waited_for()) following = take(*next);
        return following ? &following->request : nullptr;
      };
      auto answer = broker.end_exchange({take_next, next->ripe.get()});
      if (!following) return {std::move(answer), std::move(current)};
      auto shared = std::make_shared<Last>(Last{std::move(answer), std::move(current)});
      courier->tell([this, shared] { answered(std::move(shared->answer), std::move(*shared->exchange), false); });
      current = std::move(following);
    }
  };
  broker_.post(std::move(work),
               [this](Last last) { answered(std::move(last.answer), std::move(*last.exchange), true); });
}

void Exchanges::answered(Result<ExchangeAnswer> answer, Exchange exchange, bool last) {
  {
    const std::scoped_lock lock(next_->mutex);
    for (std::size_t way = 0; way < kWays; ++way) next_->under_way[way] -= exchange.asked[way];
  }
  if (last) under_way_ = false;
  answered_(std::move(answer), std::move(exchange));
}

}  // namespace flowrra
