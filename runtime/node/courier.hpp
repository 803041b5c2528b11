#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/fd.hpp"
#include "executor/loop.hpp"
#include "store/store.hpp"

namespace flowrra {

// The thread that owns a store. Takes requests in order, runs them one after another, and posts the answers back to
// the loop. The destructor finishes the request at hand and drops the rest.
class Courier {
 public:
  Courier(Loop& loop, std::unique_ptr<Store> store);
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;
  ~Courier();

  // Runs `request(Store&)` on the courier's thread, then `done(its answer)` on the loop. [loop thread]
  template <typename Request, typename Done>
  void post(Request request, Done done) {
    enqueue(std::make_unique<Errand<Request, Done>>(std::move(request), std::move(done)));
  }

  // Whether something waits for the request at hand to end. [courier thread]
  [[nodiscard]] bool is_waited_for();
  // Calls `done()` on the loop, before what the request at hand answers. [courier thread]
  void tell(std::function<void()> done);

  // Calls `woken(broker)` when the broker is woken and nothing else is to be done. Before anything is posted, once.
  // [courier thread]
  void watch(std::function<void(Broker&)> woken);

 private:
  struct Work {
    virtual ~Work() = default;
    virtual void run(Store& store) = 0;  // [courier thread]
    virtual void finish() = 0;           // [loop thread]
  };
  template <typename Request, typename Done>
  struct Errand final : Work {
    Errand(Request asked, Done then) : request(std::move(asked)), done(std::move(then)) {}
    void run(Store& store) override { answer.emplace(request(store)); }
    void finish() override { done(*std::move(answer)); }
    Request request;
    Done done;
    std::optional<std::invoke_result_t<Request, Store&>> answer;
  };

  struct Told final : Work {
    explicit Told(std::function<void()> then) : done(std::move(then)) {}
    void run(Store&) override {}
    void finish() override { done(); }
    std::function<void()> done;
  };

  struct Watched {
    int fd = -1;
    std::function<void(Broker&)> woken;
  };

  void enqueue(std::unique_ptr<Work> work);
  void work();                                 // [courier thread]
  std::unique_ptr<Work> next();                // [courier thread]
  void sleep();                                // [courier thread]
  void hand_over(std::unique_ptr<Work> work);  // [courier thread]
  void answer();                               // [loop thread]

  std::unique_ptr<Store> store_;
  const UniqueFd asked_;  // readable: there is something to do
  std::mutex mutex_;
  std::deque<std::unique_ptr<Work>> requests_;  // guarded by mutex_
  std::deque<std::unique_ptr<Work>> answers_;   // guarded by mutex_
  Watched watched_;                             // guarded by mutex_
  bool sleeping_ = false;                       // guarded by mutex_
  bool ending_ = false;                         // guarded by mutex_
  Wakeup answered_;
  std::thread thread_;
};

}  // namespace flowrra
