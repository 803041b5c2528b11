#pragma once

#include <fmt/core.h>
#include <poll.h>

#include <chrono>

#include "base/fd.hpp"
#include "bench/site.hpp"
#include "store/store.hpp"
#include "support/must.hpp"

namespace flowrra::bench {

// Waits until so many tasks have ended: who ends some tells it. Fails after two minutes.
inline void await_ended(Store& store, std::int64_t wanted) {
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + 120s;
  Backend& backend = store.backend();
  const int bell = backend.wake_fd();
  for (;;) {
    backend.hear({});
    std::int64_t ended = 0;
    for (const StateCount& each : test::must(store.broker().counts())) ended += is_final(each.state) ? each.count : 0;
    if (ended >= wanted) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{bell, POLLIN, 0};
    if (left <= 0ms || ::poll(&entry, 1, static_cast<int>(left.count())) == 0) {
      Site::fail(fmt::format("{} of {} tasks have ended in two minutes", ended, wanted));
    }
  }
}

}  // namespace flowrra::bench
