#include "store/redis/redis_directory.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "store/redis/sessions.hpp"
#include "store/refusals.hpp"
#include "store/session_json.hpp"

namespace flowrra::redis {
namespace {

// A script that answers with 0 where the session, or whatever it is about, does not fit.
Result<bool> happened(const Result<Reply>& reply) {
  if (!reply) return reply.error();
  return reply->view().number() != 0;
}

}  // namespace

// Not repeated by itself: a session that seems to be there already may be this very one.
Status RedisDirectory::open_session(const Session& session, Micros lease) {
  Arguments words = engine_.arguments();
  words.add(session.id).add(lease).add("tasks").own(list_to_json(session.tasks));
  add_session(words, session);
  const auto opened = happened(engine_.run_once(engine_.scripts.session_open, words));
  if (!opened) return opened.error();
  return *opened ? Status() : Status(session_exists(session.id));
}

Status RedisDirectory::heartbeat(const SessionId& session, Micros lease, std::string_view health) {
  Arguments words = engine_.arguments();
  words.add(session).add(lease).add(health);
  const auto renewed = happened(engine_.run(engine_.scripts.session_beat, words));
  if (!renewed) return renewed.error();
  return *renewed ? Status() : Status(session_over());
}

Status RedisDirectory::close_session(const SessionId& session) {
  Arguments words = engine_.arguments();
  words.add(session);
  const auto closed = engine_.run(engine_.scripts.session_close, words);
  return closed ? Status() : Status(closed.error());
}

Status RedisDirectory::update_session(const Session& session, const std::optional<ReloadAnswer>& answer) {
  Arguments words = engine_.arguments();
  words.add(session.id).own(list_to_json(session.tasks)).add(answer.has_value());
  words.add("generation").add(session.generation).add("plugins").own(plugins_to_json(session.plugins));
  if (answer) words.add("answered").add(answer->request).add("refused").add(answer->refused);
  const auto updated = happened(engine_.run(engine_.scripts.session_update, words));
  if (!updated) return updated.error();
  return *updated ? Status() : Status(session_over());
}

Result<std::int64_t> RedisDirectory::ask_reload(const SessionId& session) {
  Arguments words = engine_.arguments();
  words.add(session);
  auto asked = engine_.run_once(engine_.scripts.session_ask, words);
  if (!asked) return asked.error();
  if (asked->view().number() == 0) return no_session(session);
  return asked->view().number();
}

Result<std::vector<NodeStatus>> RedisDirectory::nodes() { return stored_sessions(engine_); }

Status RedisDirectory::set_paused(const std::string& queue, bool paused) {
  Arguments words = engine_.arguments();
  words.add(queue).add(paused);
  const auto set = engine_.run(engine_.scripts.pause, words);
  return set ? Status() : Status(set.error());
}

Result<std::vector<std::string>> RedisDirectory::paused_queues() {
  auto reply = engine_.read("SMEMBERS", "paused");
  if (!reply) return reply.error();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < reply->view().size(); ++i) out.emplace_back(reply->view()[i].text());
  std::ranges::sort(out);
  return out;
}

Status RedisDirectory::publish(std::span<const TaskSpec> specs) {
  if (specs.empty()) return {};
  Arguments words;
  words.add("HSET").own(engine_.key("catalog"));
  for (const TaskSpec& spec : specs) words.add(spec.name).own(to_json(spec));
  const auto published = engine_.connection().call(words.words());
  return published ? Status() : Status(published.error());
}

Result<std::optional<TaskSpec>> RedisDirectory::spec(const std::string& name) {
  auto reply = engine_.read("HGET", "catalog", {name});
  if (!reply) return reply.error();
  if (reply->view().is_nil()) return std::optional<TaskSpec>();
  auto spec = spec_from_json(reply->view().text());
  if (!spec) return spec.error().in("task " + name);
  return std::optional(std::move(*spec));
}

Result<std::vector<TaskSpec>> RedisDirectory::specs() {
  auto reply = engine_.read("HGETALL", "catalog");
  if (!reply) return reply.error();
  std::vector<TaskSpec> out;
  for (std::size_t i = 0; i + 1 < reply->view().size(); i += 2) {
    auto spec = spec_from_json(reply->view()[i + 1].text());
    if (spec) out.push_back(std::move(*spec));
    if (!spec) log::warning("task " + std::string(reply->view()[i].text()) + ": " + spec.error().message);
  }
  std::ranges::sort(out, {}, &TaskSpec::name);
  return out;
}

}  // namespace flowrra::redis
