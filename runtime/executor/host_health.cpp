#include "executor/host_health.hpp"

#include "base/units.hpp"

namespace flowrra {
namespace {

constexpr Micros kSlack = std::chrono::seconds(1);  // beyond the grace: a signal and the end of a process take time

}  // namespace

HostHealth health_of(const HostKeeper& keeper, Kind kind, std::size_t held) {
  HostHealth out;
  out.name = keeper.label();
  out.kind = kind;
  out.pid = keeper.pid();
  out.ready = keeper.host() != nullptr;
  out.generation = keeper.generation();
  out.held = static_cast<int>(held);
  return out;
}

WorkHealth health_of(const Job& job, BootTime started, BootTime now) {
  WorkHealth out{job.leased.lease.task, job.leased.task.name, job.leased.task.attempt, now - started, {}};
  if (const Micros timeout = job.options.timeout.value_or(Micros(0)); timeout > Micros(0)) {
    out.left = started + timeout - now;
  }
  return out;
}

void add_work(HostHealth& host, const Job& job, BootTime started, BootTime now, Micros grace) {
  host.work.push_back(health_of(job, started, now));
  const WorkHealth& work = host.work.back();
  if (!work.left || *work.left + grace + kSlack > Micros(0) || !host.stuck.empty()) return;
  host.stuck = "task " + work.id + " still runs " + to_text(-*work.left) + " after its deadline";
}

}  // namespace flowrra
