#pragma once

#include "executor/executor.hpp"
#include "executor/host_keeper.hpp"

namespace flowrra {

// What a worker tells of its host, but for what it works at.
HostHealth health_of(const HostKeeper& keeper, Kind kind, std::size_t held);

// A job that has begun.
WorkHealth health_of(const Job& job, BootTime started, BootTime now);

// Adds a job to what the host works at, and says so when it should have ended: its deadline and the grace are over.
void add_work(HostHealth& host, const Job& job, BootTime started, BootTime now, Micros grace);

}  // namespace flowrra
