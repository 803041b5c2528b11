#include "task/retry.hpp"

#include <algorithm>

namespace flowrra {

RetryRule retry_rule(const TaskOptions& options) {
  RetryRule rule;
  rule.max_retries = options.max_retries.value_or(rule.max_retries);
  rule.retry_delay = options.retry_delay.value_or(rule.retry_delay);
  rule.backoff = options.backoff.value_or(rule.backoff);
  rule.max_crashes = options.max_crashes.value_or(rule.max_retries == 0 ? 1 : rule.max_crashes);
  return rule;
}

std::optional<Micros> delay_after_failure(const RetryRule& rule, int attempt, double random) {
  if (attempt > rule.max_retries) return std::nullopt;
  if (rule.backoff == Backoff::fixed) return rule.retry_delay;
  const auto longest = std::max(rule.retry_delay, kMaxRetryDelay);
  Micros ceiling = rule.retry_delay;
  for (int i = 1; i < attempt && ceiling < longest; ++i) ceiling = std::min(ceiling * 2, longest);
  return Micros(static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * random));
}

}  // namespace flowrra
