#include "store/redis/sessions.hpp"

#include <algorithm>
#include <map>

#include "base/machine.hpp"
#include "store/session_json.hpp"

namespace flowrra::redis {
namespace {

using Hash = std::map<std::string_view, ReplyView>;

Hash hash_of(ReplyView pairs) {
  Hash out;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) out[pairs[i].text()] = pairs[i + 1];
  return out;
}

std::vector<std::string> list(ReplyView json) {
  return list_from_json(json.text()).value_or(std::vector<std::string>{});
}

NodeStatus status(ReplyView row, const std::string& machine) {
  Hash hash = hash_of(row[2]);
  NodeStatus out;
  Session& session = out.session;
  session.id = row[0].text();
  session.node = hash["node"].text();
  session.pid = static_cast<int>(hash["pid"].number());
  session.pid_start = hash["pid_start"].number();
  session.tasks = list(hash["tasks"]);
  session.queues = list(hash["queues"]);
  session.generation = static_cast<int>(hash["generation"].number());
  session.plugins = plugins_from_json(hash["plugins"].text());
  out.expires_in = Micros(row[1].number());
  out.gone = session.pid > 0 && hash["machine"].text() == machine && process_gone(session.pid, session.pid_start);
  out.alive = out.expires_in > Micros(0) && !out.gone;
  out.reload_asked = hash["asked"].number();
  out.reload = {hash["answered"].number(), std::string(hash["refused"].text())};
  out.health = hash["health"].text();
  for (std::size_t i = 0; i + 1 < row[3].size(); i += 2) {
    const int count = static_cast<int>(row[3][i + 1].number());
    out.running_by_name[std::string(row[3][i].text())] = count;
    out.running += count;
  }
  return out;
}

}  // namespace

std::string this_machine() { return boot_id() + " " + pid_space(); }

Result<std::vector<NodeStatus>> stored_sessions(Engine& engine) {
  auto reply = engine.run(engine.scripts.nodes, engine.arguments());
  if (!reply) return reply.error();
  const std::string machine = this_machine();
  std::vector<NodeStatus> out;
  for (std::size_t i = 0; i < reply->view().size(); ++i) out.push_back(status(reply->view()[i], machine));
  std::ranges::sort(out, {}, [](const NodeStatus& node) { return node.session.id; });
  return out;
}

void add_session(Arguments& out, const Session& session) {
  out.add("node").add(session.node).add("pid").add(session.pid).add("pid_start").add(session.pid_start);
  out.add("machine").own(this_machine()).add("queues").own(list_to_json(session.queues));
  out.add("generation").add(session.generation).add("plugins").own(plugins_to_json(session.plugins));
}

}  // namespace flowrra::redis
