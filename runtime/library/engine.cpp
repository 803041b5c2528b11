#include "library/engine.hpp"

#include <signal.h>

#include <utility>

#include "executor/loop.hpp"
#include "node/node.hpp"

namespace flowrra::library {
namespace {

// The engine itself says when a drain has taken long enough.
constexpr Micros kForEver = std::chrono::hours(24 * 365 * 100);

}  // namespace

Result<std::unique_ptr<Engine>> Engine::start(NodeOptions options, NodeStores stores, Micros patience) {
  options.drain_timeout = kForEver;
  std::unique_ptr<Engine> engine(new Engine(std::move(options), std::move(stores)));
  std::unique_lock lock(engine->mutex_);
  engine->changed_.wait_for(lock, patience, [&] { return engine->ready_ || engine->ended_; });
  const bool ready = engine->ready_;
  const std::optional<Error> failure = engine->failure_;
  lock.unlock();
  if (ready) return Result<std::unique_ptr<Engine>>(std::move(engine));
  if (failure) return *failure;
  return Error{Code::unreachable,
               "the node could not open its session within " + std::to_string(patience.count() / 1'000'000) + " s",
               "Look whether others hold the store locked; the log has the reason."};
}

Engine::Engine(NodeOptions options, NodeStores stores)
    : thread_([this, options = std::move(options), stores = std::move(stores)]() mutable {
        run(std::move(options), std::move(stores));
      }) {}

Engine::~Engine() {
  release();
  thread_.join();
}

void Engine::drain(std::optional<Micros> limit) {
  tell({.drain = true, .release = false, .limit = limit});
  await_end();
}

void Engine::release() {
  tell({.drain = true, .release = true, .limit = {}});
  await_end();
}

void Engine::tell(const Wish& wish) {
  const std::scoped_lock lock(mutex_);
  wish_.drain |= wish.drain;
  wish_.release |= wish.release;
  if (wish.limit) wish_.limit = wish.limit;
  if (wake_ != nullptr) wake_->signal();
}

void Engine::await_end() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_; });
}

void Engine::run(NodeOptions options, NodeStores stores) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);  // signals belong to the program's own threads
  {
    Loop loop;
    Node node(loop, system_clock(), std::move(options), std::move(stores.broker), std::move(stores.backend),
              {.ready =
                   [this] {
                     const std::scoped_lock lock(mutex_);
                     ready_ = true;
                     changed_.notify_all();
                   },
               .stopped = [&loop] { loop.stop(); }});
    Timer limit(loop, [&node] { node.release(); });
    Wakeup wake(loop, [this, &node, &limit] {
      std::unique_lock lock(mutex_);
      const Wish wish = std::exchange(wish_, {});
      lock.unlock();
      if (wish.drain) node.drain();
      if (wish.release) node.release();
      if (wish.limit) limit.start(*wish.limit);
    });
    {
      const std::scoped_lock lock(mutex_);
      wake_ = &wake;
      if (wish_.drain) wake.signal();
    }
    node.start();
    loop.run();
    const std::scoped_lock lock(mutex_);
    wake_ = nullptr;
    failure_ = node.failure();
  }
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace flowrra::library
