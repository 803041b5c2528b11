#include "store/sqlite/sessions.hpp"

#include <vector>

#include "base/machine.hpp"
#include "store/session_json.hpp"
#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {
namespace {

std::optional<Sessions::Alive> read_alive(Rows&& rows) {
  return rows.next() ? std::optional(Sessions::Alive{rows.integer(0), rows.integer(1)}) : std::nullopt;
}

}  // namespace

Sessions::Sessions(Connection& connection)
    : connection_(connection),
      boot_(boot_id()),
      pid_space_(pid_space()),
      find_(connection, "SELECT key, reload_asked FROM session WHERE id = ?1 AND boot = ?2 AND deadline > ?3"),
      find_at_(connection,
               "SELECT key, reload_asked FROM session NOT INDEXED"
               " WHERE id = ?1 AND boot = ?2 AND deadline > ?3 AND key = ?4"),
      check_(connection, "SELECT 1 FROM session WHERE key = ?1 AND boot = ?2 AND deadline > ?3"),
      add_(connection,
           "INSERT INTO session (id, node, boot, deadline, pid, pid_start, pid_space, tasks, queues, generation, "
           "plugins)"
           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO NOTHING"),
      renew_(connection,
             "UPDATE session SET deadline = ?4, health = coalesce(?5, health)"
             " WHERE id = ?1 AND boot = ?2 AND deadline > ?3"),
      update_(connection, "UPDATE session SET tasks = ?2, generation = ?3, plugins = ?4 WHERE key = ?1"),
      answer_(connection, "UPDATE session SET reload_answered = ?2, reload_refused = ?3 WHERE key = ?1"),
      tasks_(connection, "SELECT tasks FROM session WHERE boot = ?1 AND deadline > ?2"),
      close_(connection, "DELETE FROM session WHERE id = ?1"),
      remove_dead_(connection, "DELETE FROM session WHERE boot <> ?1 OR deadline <= ?2"),
      any_dead_(connection, "SELECT 1 FROM session WHERE boot <> ?1 OR deadline <= ?2"),
      pids_(connection, "SELECT key, pid, pid_start FROM session WHERE boot = ?1 AND pid_space = ?2 AND pid > 0"),
      remove_(connection, "DELETE FROM session WHERE key = ?1"),
      ask_(connection, "UPDATE session SET reload_asked = reload_asked + 1 WHERE key = ?1"),
      all_(connection,
           "SELECT s.id, s.node, s.pid, s.pid_start, s.tasks, s.queues, s.boot, s.deadline,"
           " s.key, s.generation, s.plugins, s.reload_asked, s.reload_answered, s.reload_refused, s.health, s.pid_space"
           " FROM session AS s ORDER BY s.id"),
      running_(
          connection,
          "SELECT t.session, l.name, count(*) FROM task AS t INDEXED BY task_running JOIN lane AS l ON l.id = t.lane"
          " WHERE t.state = 2 AND t.session IS NOT NULL GROUP BY t.session, l.name") {}

// Who asks for the same one again is spared the way through the index.
std::optional<Sessions::Alive> Sessions::alive(const SessionId& id) {
  const BootTime now = connection_.clock().boot();
  if (last_ && last_->first == id) {
    if (auto found = read_alive(find_at_.query(id, boot_, now, last_->second))) return found;
  }
  auto found = read_alive(find_.query(id, boot_, now));
  if (found) last_ = {id, found->key};
  return found;
}

bool Sessions::alive_key(std::int64_t key) { return check_.query(key, boot_, connection_.clock().boot()).next(); }

bool Sessions::open(const Session& session, Micros lease) {
  return add_.run(session.id, session.node, boot_, connection_.clock().boot() + lease, session.pid, session.pid_start,
                  pid_space_, list_to_json(session.tasks), list_to_json(session.queues), session.generation,
                  plugins_to_json(session.plugins)) == 1;
}

bool Sessions::renew(const SessionId& id, Micros lease, std::string_view health) {
  const BootTime now = connection_.clock().boot();
  return renew_.run(id, boot_, now, now + lease, or_null(health)) == 1;
}

bool Sessions::update(const Session& session, const std::optional<ReloadAnswer>& answer) {
  const auto row = alive(session.id);
  if (!row) return false;
  update_.run(row->key, list_to_json(session.tasks), session.generation, plugins_to_json(session.plugins));
  if (answer) answer_.run(row->key, answer->request, answer->refused);
  return true;
}

std::set<std::string> Sessions::tasks_of_living() {
  std::set<std::string> out;
  Rows rows = tasks_.query(boot_, connection_.clock().boot());
  while (rows.next()) {
    if (auto names = list_from_json(rows.view(0))) out.insert(names->begin(), names->end());
  }
  return out;
}

std::optional<std::int64_t> Sessions::ask_reload(const SessionId& id) {
  const auto row = alive(id);
  if (!row) return std::nullopt;
  ask_.run(row->key);
  return row->reload_asked + 1;
}

void Sessions::close(const SessionId& id) { close_.run(id); }
int Sessions::remove_dead() { return remove_dead_.run(boot_, connection_.clock().boot()); }
bool Sessions::any_dead() { return any_dead_.query(boot_, connection_.clock().boot()).next(); }

std::vector<std::int64_t> Sessions::orphans() {
  std::vector<std::int64_t> gone;
  Rows rows = pids_.query(boot_, pid_space_);
  while (rows.next()) {
    if (process_gone(rows.small(1), rows.integer(2))) gone.push_back(rows.integer(0));
  }
  return gone;
}

void Sessions::remove_orphans() {
  for (const auto key : orphans()) remove_.run(key);
}

std::map<std::int64_t, std::map<std::string, int>> Sessions::running_by_name() {
  std::map<std::int64_t, std::map<std::string, int>> out;
  Rows rows = running_.query();
  while (rows.next()) out[rows.integer(0)][rows.text(1)] = rows.small(2);
  return out;
}

std::vector<NodeStatus> Sessions::all() {
  const BootTime now = connection_.clock().boot();
  auto running = running_by_name();
  std::vector<NodeStatus> out;
  Rows rows = all_.query();
  while (rows.next()) {
    NodeStatus node;
    node.session = {rows.text(0), rows.text(1), rows.small(2), rows.integer(3), {}, {}, rows.small(9), {}};
    node.session.tasks = list_from_json(rows.view(4)).value_or(std::vector<std::string>{});
    node.session.queues = list_from_json(rows.view(5)).value_or(std::vector<std::string>{});
    const bool this_boot = rows.view(6) == boot_;
    node.expires_in = this_boot ? BootTime(Micros(rows.integer(7))) - now : Micros(-1);
    const bool seen_here = this_boot && rows.view(15) == pid_space_ && node.session.pid > 0;
    node.gone = seen_here && process_gone(node.session.pid, node.session.pid_start);
    node.alive = node.expires_in > Micros(0) && !node.gone;
    node.running_by_name = std::move(running[rows.integer(8)]);
    for (const auto& [name, count] : node.running_by_name) node.running += count;
    node.session.plugins = plugins_from_json(rows.view(10));
    node.reload_asked = rows.integer(11);
    node.reload = {rows.integer(12), rows.text(13)};
    node.health = rows.text(14);
    out.push_back(std::move(node));
  }
  return out;
}

}  // namespace flowrra::sqlite
