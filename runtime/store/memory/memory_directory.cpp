#include "store/memory/memory_directory.hpp"

#include <algorithm>
#include <utility>

#include "store/refusals.hpp"

namespace flowrra::memory {

Status MemoryDirectory::open_session(const Session& session, Micros lease) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->sessions.contains(session.id)) {
    return session_exists(session.id);
  }
  state_->sessions[session.id] = {session, clock_.boot() + lease, 0, {}, {}};
  return {};
}

Status MemoryDirectory::heartbeat(const SessionId& session, Micros lease, std::string_view health) {
  const std::scoped_lock lock(state_->mutex);
  const BootTime now = clock_.boot();
  if (!state_->alive(session, now)) {
    ++state_->stale.heartbeats;
    return session_over();
  }
  LiveSession& live = state_->sessions[session];
  live.deadline = now + lease;
  if (!health.empty()) live.health = health;
  return {};
}

Status MemoryDirectory::close_session(const SessionId& session) {
  const std::scoped_lock lock(state_->mutex);
  state_->sessions.erase(session);
  return {};
}

Status MemoryDirectory::update_session(const Session& session, const std::optional<ReloadAnswer>& answer) {
  const std::scoped_lock lock(state_->mutex);
  const BootTime now = clock_.boot();
  if (!state_->alive(session.id, now)) return session_over();
  LiveSession& live = state_->sessions[session.id];
  const std::vector<std::string> before = std::exchange(live.session.tasks, session.tasks);
  live.session.generation = session.generation;
  live.session.plugins = session.plugins;
  for (const std::string& name : before) {
    const bool known = std::ranges::any_of(state_->sessions, [&](const auto& each) {
      const auto& names = each.second.session.tasks;
      return each.second.deadline > now && std::ranges::find(names, name) != names.end();
    });
    if (!known && !is_version(name)) state_->catalog.erase(name);
  }
  if (answer) {
    live.reload = *answer;
    state_->ring_backend();
  }
  return {};
}

Result<std::int64_t> MemoryDirectory::ask_reload(const SessionId& session) {
  const std::scoped_lock lock(state_->mutex);
  if (!state_->alive(session, clock_.boot())) return no_session(session);
  state_->ring_broker();
  return ++state_->sessions[session].reload_asked;
}

Result<std::vector<NodeStatus>> MemoryDirectory::nodes() {
  const std::scoped_lock lock(state_->mutex);
  const BootTime now = clock_.boot();
  std::map<SessionId, std::map<std::string, int>> running;
  for (const auto seq : state_->running) {
    const Row& row = state_->rows.at(seq);
    ++running[row.session][row.record.name];
  }
  std::vector<NodeStatus> out;
  for (const auto& [id, live] : state_->sessions) {
    int sum = 0;
    for (const auto& [name, count] : running[id]) sum += count;
    out.push_back({live.session, live.deadline > now, live.deadline - now, sum, live.reload_asked, live.reload,
                   live.health, false, std::move(running[id])});
  }
  return out;
}

Status MemoryDirectory::set_paused(const std::string& queue, bool paused) {
  const std::scoped_lock lock(state_->mutex);
  if (paused) state_->paused.insert(queue);
  if (!paused) state_->paused.erase(queue);
  if (!paused) state_->ring_broker();
  return {};
}

Result<std::vector<std::string>> MemoryDirectory::paused_queues() {
  const std::scoped_lock lock(state_->mutex);
  return std::vector<std::string>(state_->paused.begin(), state_->paused.end());
}

Status MemoryDirectory::publish(std::span<const TaskSpec> specs) {
  const std::scoped_lock lock(state_->mutex);
  for (const TaskSpec& spec : specs) state_->catalog[spec.name] = spec;
  return {};
}

Result<std::optional<TaskSpec>> MemoryDirectory::spec(const std::string& name) {
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->catalog.find(name);
  return found == state_->catalog.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<TaskSpec>> MemoryDirectory::specs() {
  const std::scoped_lock lock(state_->mutex);
  std::vector<TaskSpec> out;
  for (const auto& [name, spec] : state_->catalog) out.push_back(spec);
  return out;
}

}  // namespace flowrra::memory
