#include "executor/host_keeper.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace flowrra {
namespace {

constexpr Micros kFirstDelay = std::chrono::milliseconds(100);
constexpr Micros kLongestDelay = std::chrono::seconds(5);

}  // namespace

HostKeeper::HostKeeper(Loop& loop, const HostSettings& settings, Kind kind, std::string label, Events events)
    : loop_(loop),
      settings_(settings),
      kind_(kind),
      label_(std::move(label)),
      events_(std::move(events)),
      restart_(loop, [this] { start(); }),
      force_(loop, [this] { kill(); }) {}

void HostKeeper::start() {
  if (host_ || stopping_) return;
  auto host = HostProcess::start(loop_, settings_, kind_, host_events());
  if (!host) {
    log::error("host " + label_ + ": " + host.error().message);
    delay_ = std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
    restart_.start(delay_);
    return;
  }
  host_ = *std::move(host);
  log::debug("host " + label_ + " started, pid " + std::to_string(host_->pid()));
}

HostEvents HostKeeper::host_events() {
  HostEvents events;
  events.ready = [this](const ReadyFrame& frame) { on_ready(frame); };
  events.finished = events_.finished;
  events.progressed = events_.progressed;
  events.logged = events_.logged;
  events.printed = events_.printed;
  events.ended = [this](const HostEnd& end) { on_ended(end); };
  return events;
}

void HostKeeper::on_ready(const ReadyFrame& frame) {
  delay_ = Micros(0);
  for (const auto& [plugin, reason] : frame.refused) {
    log::error(std::string("host ").append(label_).append(" did not load ").append(plugin).append(": ").append(reason));
  }
  compare(frame.tasks);
  if (!stopping_) events_.ready();
}

void HostKeeper::compare(const std::vector<std::string>& tasks) {
  const std::set<std::string> there(tasks.begin(), tasks.end());
  std::set<std::string> lacking;
  for (const std::string& task : settings_.tasks) {
    if (!there.contains(task)) lacking.insert(task);
  }
  if (lacking != lacking_ && !lacking.empty()) {
    const std::string others = lacking.size() > 1 ? " and " + std::to_string(lacking.size() - 1) + " others" : "";
    log::error("host " + label_ + " has not the task " + *lacking.begin() + others +
               ": a plugin offers less in a host than it did when it was read; `flowrra reload` reads it again");
  }
  lacking_ = std::move(lacking);
}

void HostKeeper::on_ended(const HostEnd& end) {
  force_.stop();
  const std::unique_ptr<HostProcess> dead = std::move(host_);
  const bool expected = (stopping_ || std::exchange(recycling_, false)) && !end.end.signalled && end.end.code == 0;
  if (!expected) log::warning("host " + label_ + " (pid " + std::to_string(dead->pid()) + ") " + describe(end.end));
  if (!stopping_) {
    if (!end.was_ready) delay_ = std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
    restart_.start(delay_);
  }
  events_.ended(end, dead->page());
}

HostProcess* HostKeeper::host() const {
  return host_ && host_->ready() && !stopping_ && !recycling_ ? host_.get() : nullptr;
}

void HostKeeper::terminate() {
  if (host_) host_->terminate();
}

void HostKeeper::kill() {
  if (host_) host_->kill();
}

void HostKeeper::recycle() {
  if (!host_ || stopping_ || std::exchange(recycling_, true)) return;
  log::debug("host " + label_ + " (pid " + std::to_string(host_->pid()) + ") is replaced by a fresh one");
  host_->send(StopFrame{});
  force_.start(settings_.kill_grace);
}

void HostKeeper::stop() {
  if (stopping_) return;
  stopping_ = true;
  restart_.stop();
  if (!host_) return;
  host_->send(StopFrame{});
  force_.start(settings_.kill_grace);
}

}  // namespace flowrra
