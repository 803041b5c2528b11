#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "task/spec.hpp"
#include "task/task.hpp"

namespace flowrra {

// A node's life in the store.
struct Session {
  SessionId id;
  std::string node;  // its name for people
  int pid = 0;
  std::int64_t pid_start = 0;       // start time of that process (field 22 of /proc/PID/stat): pids are used again
  std::vector<std::string> tasks;   // names it can run
  std::vector<std::string> queues;  // that it takes from
};

struct NodeStatus {
  Session session;
  bool alive = false;
  Micros expires_in{0};  // until its session dies; negative when it is dead
  int running = 0;
};

// Who is alive and what can be run. Threads and transactions as with Broker.
class Directory {
 public:
  virtual ~Directory() = default;

  // Starts a session that lives for `lease` unless it is renewed. Sessions of the same machine whose process is gone
  // die at once.
  virtual Status open_session(const Session& session, Micros lease) = 0;

  // Renews it for `lease` from now. Code::stale when it is dead or unknown: it cannot be revived.
  virtual Status heartbeat(const SessionId& session, Micros lease) = 0;

  // Ends it; what it still ran is found by recover() at once.
  virtual Status close_session(const SessionId& session) = 0;

  virtual Result<std::vector<NodeStatus>> nodes() = 0;

  // Tasks of a paused queue are not taken; those that run go on. Durable when it returns.
  virtual Status set_paused(const std::string& queue, bool paused) = 0;
  virtual Result<std::vector<std::string>> paused_queues() = 0;

  // Makes specs known to submitters; the newest of a name replaces the older.
  virtual Status publish(std::span<const TaskSpec> specs) = 0;

  // The spec of one name, or nothing; and all of them, by name.
  virtual Result<std::optional<TaskSpec>> spec(const std::string& name) = 0;
  virtual Result<std::vector<TaskSpec>> specs() = 0;
};

}  // namespace flowrra
