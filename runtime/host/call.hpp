#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "host/frame.hpp"

// One attempt of one task while a host runs it: what stands behind the handle that plugins get. The host that made it
// owns it.
struct flowrra_call {
  flowrra_call(const flowrra::StartView& start, flowrra::BootTime now)
      : number(start.call), attempt(start.attempt), id(start.id) {
    if (start.timeout_us > 0) deadline = now + flowrra::Micros(start.timeout_us);
  }
  flowrra_call(const flowrra_call&) = delete;
  flowrra_call& operator=(const flowrra_call&) = delete;

  const std::uint64_t number;
  const std::int32_t attempt;
  const std::string id;
  flowrra::BootTime deadline = flowrra::BootTime::max();
  std::atomic<bool> cancelled = false;
  std::atomic<bool> ended = false;  // set before `outcome` is written, by the thread that ends the call
  flowrra::FinishedFrame outcome;

  // Progress is sent at most every kProgressEvery; the newest waits here. Guarded by the table's lock.
  struct Progress {
    double done = 0;
    double total = 0;
    std::string note;
    flowrra::BootTime sent = flowrra::BootTime::min();
  } progress;
  std::atomic<bool> progress_waits = false;  // read without the lock
};
