#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/directory.hpp"
#include "store/sqlite/statement.hpp"

namespace flowrra::sqlite {

// The session table: who is alive. Called within a transaction.
class Sessions {
 public:
  explicit Sessions(Connection& connection);

  // The key of a session that is alive.
  std::optional<std::int64_t> alive(const SessionId& id);
  bool alive_key(std::int64_t key);

  bool open(const Session& session, Micros lease);  // false when the id is known
  bool renew(const SessionId& id, Micros lease);    // false when it is not alive
  void close(const SessionId& id);
  int remove_dead();
  bool any_dead();

  // Removes sessions of this machine whose process is gone.
  void remove_orphans();

  std::vector<NodeStatus> all();

 private:
  Connection& connection_;
  std::string boot_;       // which start of the machine this is: deadlines of another mean nothing
  std::string pid_space_;  // the pid namespace: pids of another mean nothing
  Statement find_, check_, add_, renew_, close_, remove_dead_, any_dead_, pids_, remove_, all_;
};

}  // namespace flowrra::sqlite
