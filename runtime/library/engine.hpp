#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "app/app.hpp"
#include "app/node_stores.hpp"

namespace flowrra {
class Wakeup;
}

namespace flowrra::library {

// A node on a thread of its own. That thread blocks every signal and is the parent of the hosts: they end with it.
class Engine {
 public:
  // Returns once the node takes work. Code::unreachable when its session could not be opened within `patience`.
  static Result<std::unique_ptr<Engine>> start(NodeOptions options, NodeStores stores, Micros patience);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();  // as release()

  // Takes no more work. What runs may finish; after `limit`, if there is one, it is released. Waits for the end.
  void drain(std::optional<Micros> limit);  // [any thread, also while others wait]
  // Releases everything now and waits for the end.
  void release();  // [likewise]

 private:
  Engine(NodeOptions options, NodeStores stores);
  struct Wish {
    bool drain = false;
    bool release = false;
    std::optional<Micros> limit;
  };
  void run(NodeOptions options, NodeStores stores);  // [node thread]
  void tell(const Wish& wish);
  void await_end();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;            // guarded by mutex_
  bool ended_ = false;            // guarded by mutex_
  std::optional<Error> failure_;  // why it ended by itself; guarded by mutex_
  Wish wish_;                     // guarded by mutex_
  Wakeup* wake_ = nullptr;        // guarded by mutex_; the node thread's, while it listens
  std::thread thread_;
};

}  // namespace flowrra::library
