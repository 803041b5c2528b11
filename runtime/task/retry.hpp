#pragma once

#include <optional>

#include "task/options.hpp"

namespace flowrra {

// What an attempt's end needs to know. All set: the last source of every option is [executor].
struct RetryRule {
  int max_retries = 3;
  Micros retry_delay = std::chrono::seconds(1);
  Backoff backoff = Backoff::exponential;
  int max_crashes = 3;
};

// The longest delay that doubling reaches.
inline constexpr Micros kMaxRetryDelay = std::chrono::hours(1);

// The rule for a task; `options` has been merged over every source but the built-in default.
// A task that must not run twice (max_retries = 0) has max_crashes = 1 unless it says otherwise.
RetryRule retry_rule(const TaskOptions& options);

// The delay before the attempt after `attempt` (1 is the first), or none when the attempts are used up.
// Exponential: uniformly between 0 and retry_delay · 2^(attempt-1), capped ("full jitter", AWS Architecture Blog,
// "Exponential Backoff And Jitter"). `random` is uniform in [0, 1).
std::optional<Micros> delay_after_failure(const RetryRule& rule, int attempt, double random);

}  // namespace flowrra
