#include "node/generation.hpp"

#include <utility>

namespace flowrra {
namespace {

HostSettings settings_of(const NodeOptions& options, Kind kind, int number) {
  HostSettings out = options.hosts;
  for (const TaskSpec& spec : options.specs) {
    if (spec.kind == kind) out.tasks.push_back(spec.name);
  }
  out.generation = number;
  return out;
}

// No hosts for a kind of which there is no task.
int count(const NodeOptions& options, Kind kind, int hosts) {
  for (const TaskSpec& spec : options.specs) {
    if (spec.kind == kind) return hosts;
  }
  return 0;
}

}  // namespace

Generation::Generation(Loop& loop, const Clock& clock, const NodeOptions& options, int number,
                       const ExecutorEvents& events)
    : number_(number),
      io_(loop, clock, settings_of(options, Kind::io, number), count(options, Kind::io, options.io_hosts),
          options.io_workers, counting(events)),
      cpu_(loop, clock, settings_of(options, Kind::cpu, number), count(options, Kind::cpu, options.cpu_workers),
           counting(events)) {}

ExecutorEvents Generation::counting(ExecutorEvents events) {
  events.idle = [this, told = std::move(events.idle)] {
    if (++idle_ == kExecutors) told();
  };
  return events;
}

Standing Generation::standing() const {
  const Standing io = io_.standing();
  const Standing cpu = cpu_.standing();
  if (io == Standing::lacking || cpu == Standing::lacking) return Standing::lacking;
  return io == Standing::up && cpu == Standing::up ? Standing::up : Standing::coming;
}

void Generation::add_held(std::vector<TaskId>& out) const {
  io_.add_held(out);
  cpu_.add_held(out);
}

void Generation::add_health(NodeHealth& out) const {
  io_.add_health(out);
  cpu_.add_health(out);
}

void Generation::cancel(const TaskId& task) {
  io_.cancel(task);
  cpu_.cancel(task);
}

std::vector<Job> Generation::take_unstarted() {
  std::vector<Job> jobs = io_.take_unstarted();
  for (Job& job : cpu_.take_unstarted()) jobs.push_back(std::move(job));
  return jobs;
}

void Generation::release_unstarted() {
  io_.release_unstarted();
  cpu_.release_unstarted();
}

void Generation::release_all() {
  io_.release_all();
  cpu_.release_all();
}

void Generation::stop_hosts() {
  io_.stop_hosts();
  cpu_.stop_hosts();
}

void Generation::retire() {
  io_.retire();
  cpu_.retire();
}

}  // namespace flowrra
