#include "store/sqlite/sqlite_directory.hpp"

#include "base/log.hpp"
#include "store/refusals.hpp"

namespace flowrra::sqlite {

SqliteDirectory::SqliteDirectory(Engine& engine)
    : engine_(engine),
      put_(*engine.connection,
           "INSERT INTO catalog (name, spec, published_at) VALUES (?1, ?2, ?3) ON CONFLICT (name)"
           " DO UPDATE SET spec = excluded.spec, published_at = excluded.published_at"),
      get_(*engine.connection, "SELECT spec FROM catalog WHERE name = ?1"),
      withdraw_(*engine.connection, "DELETE FROM catalog WHERE name = ?1"),
      all_(*engine.connection, "SELECT name, spec FROM catalog ORDER BY name"),
      pause_(*engine.connection, "INSERT OR IGNORE INTO paused_queue (name) VALUES (?1)"),
      resume_(*engine.connection, "DELETE FROM paused_queue WHERE name = ?1"),
      paused_(*engine.connection, "SELECT name FROM paused_queue ORDER BY name") {}

Status SqliteDirectory::open_session(const Session& session, Micros lease) {
  if (auto there = engine_.connection->in_place(); !there) return there;
  WriteTransaction write(*engine_.connection);
  if (!write.begun()) return write.begun();
  engine_.lanes.recount_pending();
  const bool opened = engine_.sessions.open(session, lease);
  if (auto committed = write.commit({}); !committed) return committed;
  return opened ? Status() : Status(session_exists(session.id));
}

Status SqliteDirectory::heartbeat(const SessionId& session, Micros lease, std::string_view health) {
  if (auto there = engine_.connection->in_place(); !there) return there;
  WriteTransaction write(*engine_.connection);
  if (!write.begun()) return write.begun();
  const bool renewed = engine_.sessions.renew(session, lease, health);
  if (!renewed) engine_.stale.add({.heartbeats = 1});
  if (auto committed = write.commit({}); !committed) return committed;
  return renewed ? Status() : Status(session_over());
}

Status SqliteDirectory::close_session(const SessionId& session) {
  WriteTransaction write(*engine_.connection);
  if (!write.begun()) return write.begun();
  engine_.sessions.close(session);
  return write.commit({});
}

Status SqliteDirectory::update_session(const Session& session, const std::optional<ReloadAnswer>& answer) {
  WriteTransaction write(*engine_.connection);
  if (!write.begun()) return write.begun();
  const auto before = engine_.sessions.tasks_of_living();
  const bool updated = engine_.sessions.update(session, answer);
  const auto now = engine_.sessions.tasks_of_living();
  for (const std::string& name : before) {
    if (!now.contains(name) && !is_version(name)) withdraw_.run(name);
  }
  if (auto committed = write.commit({.durable = false, .work = false, .outcomes = updated && answer}); !committed) {
    return committed;
  }
  return updated ? Status() : Status(session_over());
}

Result<std::int64_t> SqliteDirectory::ask_reload(const SessionId& session) {
  WriteTransaction write(*engine_.connection);
  if (!write.begun()) return write.begun().error();
  const auto request = engine_.sessions.ask_reload(session);
  if (auto committed = write.commit({.durable = true, .work = true}); !committed) return committed.error();
  if (!request) return no_session(session);
  return *request;
}

Result<std::vector<NodeStatus>> SqliteDirectory::nodes() {
  ReadTransaction moment(*engine_.connection);
  auto found = engine_.sessions.all();
  if (auto ended = moment.end(); !ended) return ended.error();
  return found;
}

Status SqliteDirectory::set_paused(const std::string& queue, bool paused) {
  WriteTransaction write(*engine_.connection);
  if (!write.begun()) return write.begun();
  (paused ? pause_ : resume_).run(queue);
  return write.commit({.durable = true, .work = !paused});
}

Result<std::vector<std::string>> SqliteDirectory::paused_queues() {
  ReadTransaction moment(*engine_.connection);
  std::vector<std::string> out;
  {
    Rows rows = paused_.query();
    while (rows.next()) out.push_back(rows.text(0));
  }
  if (auto ended = moment.end(); !ended) return ended.error();
  return out;
}

Status SqliteDirectory::publish(std::span<const TaskSpec> specs) {
  WriteTransaction write(*engine_.connection);
  if (!write.begun()) return write.begun();
  const WallTime now = engine_.clock().wall();
  for (const TaskSpec& spec : specs) {
    const std::string json = to_json(spec);
    if (stored(spec.name) != json) put_.run(spec.name, json, now);
  }
  return write.commit({});
}

std::optional<std::string> SqliteDirectory::stored(const std::string& name) {
  Rows rows = get_.query(name);
  return rows.next() ? std::optional(rows.text(0)) : std::nullopt;
}

Result<std::optional<TaskSpec>> SqliteDirectory::spec(const std::string& name) {
  ReadTransaction moment(*engine_.connection);
  const auto json = stored(name);
  if (auto ended = moment.end(); !ended) return ended.error();
  if (!json) return std::optional<TaskSpec>();
  auto spec = spec_from_json(*json);
  if (!spec) return spec.error().in("task " + name);
  return std::optional(std::move(*spec));
}

Result<std::vector<TaskSpec>> SqliteDirectory::specs() {
  ReadTransaction moment(*engine_.connection);
  std::vector<TaskSpec> out;
  {
    Rows rows = all_.query();
    while (rows.next()) {
      auto spec = spec_from_json(rows.view(1));
      if (spec) out.push_back(std::move(*spec));
      if (!spec) log::warning("task " + rows.text(0) + ": " + spec.error().message);
    }
  }
  if (auto ended = moment.end(); !ended) return ended.error();
  return out;
}

}  // namespace flowrra::sqlite
