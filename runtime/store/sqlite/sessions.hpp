#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "store/directory.hpp"
#include "store/sqlite/statement.hpp"

namespace flowrra::sqlite {

// The session table: who is alive. Called within a transaction.
class Sessions {
 public:
  explicit Sessions(Connection& connection);

  struct Alive {
    std::int64_t key = 0;
    std::int64_t reload_asked = 0;  // the last reload that it was asked for
  };
  // Nothing when the session is not alive.
  std::optional<Alive> alive(const SessionId& id);
  bool alive_key(std::int64_t key);

  bool open(const Session& session, Micros lease);  // false when the id is known
  // False when it is not alive. An empty `health` leaves what was told before.
  bool renew(const SessionId& id, Micros lease, std::string_view health);
  // False when it is not alive.
  bool update(const Session& session, const std::optional<ReloadAnswer>& answer);
  // The names of the tasks of those that are alive.
  std::set<std::string> tasks_of_living();
  void close(const SessionId& id);
  int remove_dead();
  bool any_dead();

  // Whether there are sessions of this machine whose process is gone, and their removal.
  bool any_orphans() { return !orphans().empty(); }
  void remove_orphans();

  // Counts one more reload that it is asked for; its number, nothing when it is not alive.
  std::optional<std::int64_t> ask_reload(const SessionId& id);

  std::vector<NodeStatus> all();

 private:
  std::vector<std::int64_t> orphans();
  // What each session runs, by its key.
  std::map<std::int64_t, std::map<std::string, int>> running_by_name();

  Connection& connection_;
  std::string boot_;       // which start of the machine this is: deadlines of another mean nothing
  std::string pid_space_;  // the pid namespace: pids of another mean nothing
  Statement find_, find_at_, check_, add_, renew_, update_, answer_, tasks_, close_, remove_dead_, any_dead_, pids_,
      remove_;
  Statement ask_, all_, running_;
  std::optional<std::pair<SessionId, std::int64_t>> last_;  // that was looked for, and its key
};

}  // namespace flowrra::sqlite
