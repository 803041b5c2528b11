// How a node gets from one generation of hosts to the next.

#include <utility>

#include "base/log.hpp"
#include "node/node.hpp"

namespace flowrra {
namespace {

std::string list_of(const std::vector<NodePlugin>& plugins) {
  std::string out;
  for (const NodePlugin& each : plugins) {
    if (!each.refused.empty()) continue;
    out += (out.empty() ? "" : ", ") + each.name + " " + each.version + " (" + each.digest.substr(0, 19) + ")";
  }
  return out.empty() ? "no plugin" : out;
}

Result<PluginOffer> cannot_reload() {
  return Error{Code::config, "this node cannot load its plugins anew: they are part of its program", {}};
}

}  // namespace

Reloader::Events Node::reload_events() {
  return {.reader = [this]() -> Reloader::Read {
            if (!options_.reread) return [](int) { return cannot_reload(); };
            return [reread = options_.reread, loaded = options_.plugins](int abandon_fd) {
              return reread(loaded, abandon_fd);
            };
          },
          .replace = [this](PluginOffer offer,
                            std::function<void(const Status&)> done) { replace(std::move(offer), std::move(done)); },
          .over = [this](std::int64_t request, const Status& status) { on_reloaded(request, status); }};
}

void Node::on_reload_asked(std::int64_t request) {
  if (phase_ == Phase::running) reloader_.ask(request);
}

void Node::replace(PluginOffer offer, std::function<void(const Status&)> done) {
  NodeOptions next = options_;
  next.specs = std::move(offer.specs);
  next.hosts.plugins = std::move(offer.files);
  next.plugins = std::move(offer.plugins);
  hosts_->replace(next, [this, next, done = std::move(done)](const Status& status) {
    if (status) {
      options_ = next;
      dispatcher_->learn();
      publish();
    }
    done(status);
  });
}

void Node::on_reloaded(std::int64_t request, const Status& status) {
  const std::string number = std::to_string(hosts_->current().number());
  if (status) {
    log::info("reloaded: generation " + number + " runs " + list_of(options_.plugins));
    for (const NodePlugin& each : options_.plugins) {
      if (!each.refused.empty()) log::error("plugin " + each.path + " is not used: " + each.refused);
    }
  } else {
    log::error("not reloaded, generation " + number + " goes on: " + status.error().message +
               (status.error().hint.empty() ? "" : " " + status.error().hint));
  }
  std::optional<ReloadAnswer> answer;
  if (request > 0) answer = ReloadAnswer{request, status ? "" : status.error().message};
  if (status || answer) session_.update(about(), std::move(answer));
}

}  // namespace flowrra
