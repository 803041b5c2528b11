#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "node/dispatcher.hpp"
#include "node/generations.hpp"
#include "node/janitor.hpp"
#include "node/options.hpp"
#include "node/outbox.hpp"
#include "node/reaper.hpp"
#include "node/reloader.hpp"
#include "node/session_keeper.hpp"
#include "store/store.hpp"

namespace flowrra {

// One node: takes tasks from the broker, runs them in hosts, settles their outcomes. It never runs plugin code itself.
// All on the loop thread.
class Node {
 public:
  struct Events {
    std::function<void()> ready;    // its session is open: it takes work
    std::function<void()> stopped;  // everything is settled or released and the hosts have ended
  };

  // `backend` is null when the broker's store keeps the results. Borrows loop and clock.
  Node(Loop& loop, const Clock& clock, NodeOptions options, std::unique_ptr<Store> broker,
       std::unique_ptr<Store> backend, Events events);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  // Publishes what it can run, opens its session and begins to take work.
  void start();

  // Takes no more work; what runs may finish within drain_timeout, the rest is released with its attempt refunded.
  void drain();
  // Releases everything now.
  void release();

  // Why it stopped by itself: its store cannot be used any more. Nothing when it was told to stop.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  // Loads the plugins anew, if the options say how: new tasks go to new hosts, the old ones finish what they hold. The
  // log says what became of it.
  void reload() { on_reload_asked(0); }

 private:
  enum class Phase : std::uint8_t { running, draining, ending, stopped };
  void publish();
  void on_session(const SessionId& id);
  void on_beat();
  void on_session_lost();
  void on_refused(const Error& error);
  void on_drain_timer();
  void on_settled();
  void on_hosts_ended();
  [[nodiscard]] Session about() const;
  [[nodiscard]] NodeHealth health() const;
  [[nodiscard]] Generations::Events host_events();
  Dispatcher::Events dispatcher_events();
  Reloader::Events reload_events();
  void on_reload_asked(std::int64_t request);
  void replace(PluginOffer offer, std::function<void(const Status&)> done);
  void on_reloaded(std::int64_t request, const Status& status);

  Loop& loop_;
  const Clock& clock_;
  NodeOptions options_;
  Events events_;
  Phase phase_ = Phase::running;
  std::optional<Error> failure_;
  bool told_ready_ = false;
  bool unpublished_ = false;  // the store does not, or may not, know what this node can run
  bool released_ = false;
  bool session_closed_ = false;
  bool hosts_ended_ = false;
  int beats_ = 0;
  Courier broker_;
  std::unique_ptr<Courier> backend_;
  std::unique_ptr<Generations> hosts_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Dispatcher> dispatcher_;
  SessionKeeper session_;
  Reaper reaper_;
  std::optional<Janitor> janitor_;  // of the broker's store, which remembers ids of finished tasks
  std::optional<Janitor> backend_janitor_;
  Reloader reloader_;
  Timer drain_timer_;
};

}  // namespace flowrra
