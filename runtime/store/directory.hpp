#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "task/spec.hpp"
#include "task/task.hpp"

namespace flowrra {

// A plugin of a node: what its hosts have loaded, or why they have not.
struct NodePlugin {
  std::string path;
  std::string name;
  std::string version;
  std::string digest;   // "sha256:…"; of what is loaded, whatever the file holds by now
  std::string refused;  // why it is not used; empty: it is

  bool operator==(const NodePlugin&) const = default;
};

// A node's life in the store.
struct Session {
  SessionId id;
  std::string node;  // its name for people
  int pid = 0;
  std::int64_t pid_start = 0;       // start time of that process (field 22 of /proc/PID/stat): pids are used again
  std::vector<std::string> tasks;   // names it can run
  std::vector<std::string> queues;  // that it takes from
  int generation = 1;               // of its hosts: each reload of the plugins makes another
  std::vector<NodePlugin> plugins;
};

// Reloads that a session was asked for are numbered from 1; an answer counts for all up to its number.
struct ReloadAnswer {
  std::int64_t request = 0;
  std::string refused;  // why the plugins stay as they were; empty: they were loaded anew
};

struct NodeStatus {
  Session session;
  bool alive = false;
  Micros expires_in{0};  // until its session ends by itself; negative when it has
  int running = 0;
  std::int64_t reload_asked = 0;  // the last request; 0: none
  ReloadAnswer reload;            // the last answer
  std::string health;  // what it told of itself with its last heartbeat, as task/health.hpp; empty: nothing yet
  bool gone = false;   // its process is known to have ended, so it is not alive, however long its session still has
  std::map<std::string, int> running_by_name = {};  // `running`, by the tasks' names
};

// Who is alive and what can be run. Threads and transactions as with Broker.
class Directory {
 public:
  virtual ~Directory() = default;

  // Starts a session that lives for `lease` unless it is renewed.
  virtual Status open_session(const Session& session, Micros lease) = 0;

  // Renews it for `lease` from now and keeps what the node tells of its health, unless that is empty. Code::stale, and
  // counted, when it is dead or unknown: it cannot be revived.
  virtual Status heartbeat(const SessionId& session, Micros lease, std::string_view health) = 0;
  Status heartbeat(const SessionId& session, Micros lease) { return heartbeat(session, lease, {}); }

  // Ends it; what it still ran is found by recover() at once.
  virtual Status close_session(const SessionId& session) = 0;

  // Replaces what is said of its tasks, generation and plugins. Specs of tasks that it had and that no living session
  // has any more are no longer known to submitters. An answer wakes those who wait for results. Code::stale as above.
  virtual Status update_session(const Session& session, const std::optional<ReloadAnswer>& answer) = 0;

  // Asks a node to load its plugins anew: it is woken and told with its next exchange. The request's number, durable.
  // Code::not_found when no such session is alive.
  virtual Result<std::int64_t> ask_reload(const SessionId& session) = 0;

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
