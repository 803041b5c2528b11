#include "store/broker.hpp"

#include <utility>

namespace flowrra {

Result<ExchangeAnswer> Broker::end_exchange(const NextExchange& next) {
  auto answer = exchange(*std::exchange(begun_, nullptr));
  if (answer) begun_ = next.take();
  return answer;
}

Result<std::vector<LeasedTask>> Broker::take(TakeRequest request) {
  ExchangeRequest turn;
  turn.take = std::move(request);
  auto answer = exchange(turn);
  if (!answer) return answer.error();
  return std::move(answer->taken);
}

Result<std::vector<bool>> Broker::settle(std::vector<Settlement> settlements, bool keep_results) {
  ExchangeRequest turn;
  turn.settlements = std::move(settlements);
  turn.keep_results = keep_results;
  auto answer = exchange(turn);
  if (!answer) return answer.error();
  return std::move(answer->settled);
}

}  // namespace flowrra
