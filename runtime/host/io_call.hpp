#pragma once

#include <cstdint>
#include <map>

#include "host/call.hpp"
#include "host/chain.hpp"

namespace flowrra {

struct IoCall;

// A sleep that a call waits for.
struct Sleep {
  IoCall* call;  // null once the call has ended
  void (*done)(void* data, std::int32_t status);
  void* data;
  std::int32_t status;
  std::multimap<BootTime, Sleep>::iterator place;
  Sleep* next = nullptr;
  Sleep* before = nullptr;
};

struct PoolWork;
struct FdWait;

// A call of an io host, with all that it waits for. [loop thread]
struct IoCall : flowrra_call {
  IoCall(const StartView& start, BootTime now, bool runs_in_pool) : flowrra_call(start, now), in_pool(runs_in_pool) {}

  const bool in_pool;  // an ordinary function on a pool thread
  Chain<Sleep> sleeps;
  Chain<PoolWork> works;
  Chain<FdWait> fd_waits;
  void (*on_cancel)(void* data) = nullptr;
  void* on_cancel_data = nullptr;
};

}  // namespace flowrra
