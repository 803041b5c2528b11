#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugin/plugin_file.hpp"
#include "task/attempt.hpp"
#include "task/health.hpp"
#include "task/limits.hpp"
#include "task/log_lines.hpp"
#include "task/options.hpp"
#include "task/task.hpp"

namespace flowrra {

class Orphans;

// One attempt to run: the lease, and the options as merged over all their sources.
struct Job {
  LeasedTask leased;
  TaskOptions options;
  bool blocking = false;  // an io job that is an ordinary function, for a pool thread
};
// A job on its way through an executor: it is large.
using OwnJob = std::unique_ptr<Job>;

// What an executor tells its owner. Called on the loop thread. The owner must not destroy the executor inside.
struct ExecutorEvents {
  // Exactly once for each started job. The report has the lease; that of a success has left the job.
  std::function<void(Job&&, AttemptReport&&)> finished;
  std::function<void(const Lease&, std::string progress)> progressed;
  std::function<void(const Lease&, LogLine)> logged;  // by the task, or printed while it alone ran
  std::function<void()> tasks_changed;                // runs() may say something else than before
  std::function<void()> idle;                         // all its hosts have ended after stop_hosts() or retire()
  std::function<void()> hosts_changed;                // standing() may say something else than before; may be empty
};

// How far the hosts of an executor are: some have still to come up; all are up and have what they shall have; one has
// come up without.
enum class Standing : std::uint8_t { coming, up, lacking };

// After how many tasks, or beyond which size, a host is replaced; 0: never for that.
struct WearLimits {
  std::uint64_t tasks = 0;
  std::uint64_t memory = 0;  // bytes of memory that it has, not of addresses
};

// How hosts are started and ended; the same for both kinds.
struct HostSettings {
  std::string program;                          // path of flowrra-host
  std::string unwinder;                         // path of flowrra-unwind; empty: crash reports have no stack
  std::vector<PluginFile> plugins;              // to load, in this order
  int blocking_threads = 4;                     // of each io host
  Limits io_limits;                             // of each io host; those of cpu hosts come with each task
  WearLimits io_wear;                           // of each io host
  WearLimits cpu_wear;                          // of each cpu host
  Micros kill_grace = std::chrono::seconds(2);  // from the request to stop until SIGKILL
  std::vector<std::string> tasks;               // that a host of this kind shall have
  int generation = 1;                           // of the plugins
  Orphans* orphans = nullptr;                   // sees to what hosts leave behind; null: nobody does
};

// Runs jobs of one kind in hosts. All on the loop thread.
class Executor {
 public:
  virtual ~Executor() = default;

  // Jobs that were started and not reported: how many, and which.
  [[nodiscard]] virtual int in_flight() const = 0;
  virtual void add_held(std::vector<TaskId>& out) const = 0;

  // What its hosts do, and what room it has.
  virtual void add_health(NodeHealth& out) const = 0;

  // False when none of its hosts has the task: its plugin offers less there than it did when it was read. Such jobs are
  // handed back.
  [[nodiscard]] virtual bool runs(const std::string& task) const = 0;

  // Takes a job; the caller has asked capacity (of its concrete kind) before.
  virtual void start(Job&& job) = 0;

  // Ends the job, if it is held: one that has not begun at once, one that runs by asking, then by force. Reported as
  // cancelled unless it ends by itself before.
  virtual void cancel(const TaskId& task) = 0;

  // Hands back what has not begun (reported as released); what runs goes on.
  virtual void release_unstarted() = 0;

  // Gives back what has not begun, unreported: it is no longer this executor's.
  virtual std::vector<Job> take_unstarted() = 0;

  [[nodiscard]] virtual Standing standing() const = 0;

  // Kills what runs and hands everything back (reported as released).
  virtual void release_all() = 0;

  // Nothing is in flight: ends the hosts in good order, then calls events.idle.
  virtual void stop_hosts() = 0;

  // Takes no more jobs; each host ends when it has nothing left, at last events.idle is called. What has not begun was
  // taken back before.
  virtual void retire() = 0;
};

}  // namespace flowrra
