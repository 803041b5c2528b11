#pragma once

#include <functional>
#include <optional>
#include <thread>

#include "base/fd.hpp"
#include "executor/loop.hpp"
#include "node/options.hpp"

namespace flowrra {

// Loads the plugins anew when somebody asks: reads them in a thread of its own, has a generation of hosts made of them,
// and says what became of it. Who asks while that is under way is served by another round. All on the loop thread.
class Reloader {
 public:
  using Read = std::function<Result<PluginOffer>(int abandon_fd)>;
  struct Events {
    // What reads the plugins, for one round; it runs in the round's thread.
    std::function<Read()> reader;
    // Makes the offer the current one, then calls `done`.
    std::function<void(PluginOffer, std::function<void(const Status&)> done)> replace;
    // A round is over. `request` is the last one that asked before it began; 0: nobody waits for an answer.
    std::function<void(std::int64_t request, const Status&)> over;
  };

  Reloader(Loop& loop, Events events);
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;
  ~Reloader();  // stops and waits for the thread

  // `request`: its number in the store, where somebody waits for an answer; else 0.
  void ask(std::int64_t request);
  // Another session: its requests are counted anew.
  void forget_requests() { seen_ = answering_ = 0; }
  // No further rounds; the one under way is abandoned without a word.
  void stop();

 private:
  void begin();
  void on_read();
  void finish(const Status& status);

  Events events_;
  std::int64_t seen_ = 0;
  std::int64_t answering_ = 0;
  bool busy_ = false;
  bool again_ = false;
  bool stopped_ = false;
  UniqueFd abandon_;                           // eventfd
  std::optional<Result<PluginOffer>> answer_;  // written by the thread before it signals
  Wakeup read_;
  std::thread thread_;
};

}  // namespace flowrra
