#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "flowrra/plugin.h"

namespace flowrra::test {
class FakeHost;
}

// One attempt in the fake host, and what the task did with it. Outlives the attempt.
struct flowrra_call {
  flowrra::test::FakeHost* host = nullptr;
  std::string id;
  std::int32_t attempt = 1;
  std::int64_t time_left_ms = INT64_MAX;
  bool cancelled = false;

  int ended = 0;  // how often it was ended; 1 is right
  bool succeeded = false;
  std::string json;              // of a success
  std::uint32_t failure = 0;     // FLOWRRA_FAIL_…
  std::string message;           // of a failure
  std::int64_t retry_after = 0;  // of a failure
  std::vector<std::string> progress;
  std::vector<std::string> log;

  void (*on_cancel)(void*) = nullptr;
  void* on_cancel_data = nullptr;
};

namespace flowrra::test {

// The host's side of the ABI, driven by hand: time passes with advance(), pool threads work in work(). It checks that
// everything is called as plugin.h says. One at a time. [the test's thread]
class FakeHost {
 public:
  FakeHost() { current = this; }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;
  ~FakeHost() { current = nullptr; }

  bool offers_async = true;
  std::vector<std::string> broken;  // rules of the ABI that the plugin broke

  [[nodiscard]] const flowrra_host& table() const { return kHost; }

  // Starts a task and marks it while it runs.
  flowrra_call& start(const flowrra_task& task, std::string_view args, int attempt = 1) {
    flowrra_call& call = calls_.emplace_back();
    call.host = this;
    call.id = "call-" + std::to_string(calls_.size());
    call.attempt = attempt;
    const std::string copy(args);
    marked(call, [&] { task.run(task.data, &call, {copy.data(), copy.size()}); });
    if (task.kind != FLOWRRA_KIND_IO && call.ended == 0) broken.emplace_back("run() returned before the call ended");
    return call;
  }

  // Lets time pass: the sleeps that end in it are done, in order.
  void advance(std::int64_t ms) {
    const std::int64_t until = now_ + ms;
    while (true) {
      auto next = waiting_.end();
      for (auto at = waiting_.begin(); at != waiting_.end(); ++at)
        if ((at->work == nullptr || at->cancelled) && at->due <= until &&
            (next == waiting_.end() || at->due < next->due))
          next = at;
      if (next == waiting_.end()) break;
      now_ = next->due;
      finish(next, next->cancelled ? FLOWRRA_STATUS_CANCELLED : FLOWRRA_STATUS_OK);
    }
    now_ = until;
  }

  // Runs the blocking work that waits, each on a thread of its own.
  void work() {
    for (auto at = next_work(); at != waiting_.end(); at = next_work()) {
      std::thread([&] { at->work(at->data); }).join();
      finish(at, FLOWRRA_STATUS_OK);
    }
  }

  // Begins the blocking work that comes next and calls `meanwhile` after it, before the loop hears of its end.
  void work_with(const std::function<void()>& meanwhile) {
    const auto at = next_work();
    at->begun = true;
    std::thread([&] { at->work(at->data); }).join();
    meanwhile();
    finish(at, FLOWRRA_STATUS_OK);
  }

  void cancel(flowrra_call& call) {
    call.cancelled = true;
    if (auto* cancelled = std::exchange(call.on_cancel, nullptr)) marked(call, [&] { cancelled(call.on_cancel_data); });
    const auto ends = [&](const Wait& wait) { return wait.call == &call && !wait.begun; };
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      at = std::find_if(waiting_.begin(), waiting_.end(), ends);
      if (at != waiting_.end()) finish(at, FLOWRRA_STATUS_CANCELLED);
    }
  }

  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] const std::vector<const flowrra_call*>& marks() const { return marks_; }

 private:
  struct Wait {
    flowrra_call* call;
    std::int64_t due;
    void (*work)(void*);  // null: a sleep
    void (*done)(void*, std::int32_t);
    void* data;
    bool begun = false;
    bool cancelled = false;  // by cancel(): done() comes with the next advance()
  };
  using Waits = std::list<Wait>;

  static inline FakeHost* current = nullptr;
  static const flowrra_host kHost;
  static const flowrra_async kAsync;

  template <class Body>
  void marked(const flowrra_call& call, Body&& body) {
    marks_.push_back(&call);
    body();
    marks_.pop_back();
  }

  void finish(Waits::iterator at, std::int32_t status) {
    const Wait wait = *at;
    waiting_.erase(at);
    if (wait.call->ended > 0) broken.emplace_back("the call ended while something of it still waited");
    marked(*wait.call, [&] { wait.done(wait.data, status); });
  }

  Waits::iterator next_work() {
    auto at = waiting_.begin();
    while (at != waiting_.end() && (at->work == nullptr || at->cancelled)) ++at;
    return at;
  }

  void ended(flowrra_call& call) {
    ++call.ended;
    for (const Wait& wait : waiting_)
      if (wait.call == &call) broken.emplace_back("the call ended while something of it still waited");
  }

  static std::string text(flowrra_bytes bytes) { return bytes.size == 0 ? "" : std::string(bytes.data, bytes.size); }

  std::int64_t now_ = 0;
  std::list<flowrra_call> calls_;
  Waits waiting_;
  std::vector<const flowrra_call*> marks_;
};

inline const flowrra_host FakeHost::kHost = {
    .abi_version = FLOWRRA_ABI_VERSION,
    .struct_size = sizeof(flowrra_host),
    .extension = [](const char* id) -> const void* {
      return std::string_view(id) == FLOWRRA_EXT_ASYNC && current->offers_async ? &kAsync : nullptr;
    },
    .task_id =
        [](const flowrra_call* call) {
          return flowrra_bytes{call->id.data(), call->id.size()};
        },
    .attempt = [](const flowrra_call* call) { return call->attempt; },
    .time_left_ms = [](const flowrra_call* call) { return call->time_left_ms; },
    .is_cancelled = [](const flowrra_call* call) -> std::int32_t { return call->cancelled ? 1 : 0; },
    .progress =
        [](flowrra_call* call, double done, double total, flowrra_bytes note) {
          call->progress.push_back(std::to_string(static_cast<int>(done)) + "/" +
                                   std::to_string(static_cast<int>(total)) + " " + text(note));
        },
    .log = [](flowrra_call* call, std::uint32_t level,
              flowrra_bytes line) { call->log.push_back(std::to_string(level) + " " + text(line)); },
    .succeed =
        [](flowrra_call* call, flowrra_bytes json) {
          current->ended(*call);
          call->succeeded = true;
          call->json = text(json);
        },
    .fail =
        [](flowrra_call* call, const flowrra_failure* failure) {
          current->ended(*call);
          call->failure = failure->kind;
          call->message = text(failure->message);
          call->retry_after = failure->retry_after_ms;
        },
};

inline const flowrra_async FakeHost::kAsync = {
    .struct_size = sizeof(flowrra_async),
    .sleep =
        [](flowrra_call* call, std::int64_t ms, void (*done)(void*, std::int32_t), void* data) {
          current->waiting_.push_back({call, current->now_ + ms, nullptr, done, data});
        },
    .blocking =
        [](flowrra_call* call, void (*work)(void*), void (*done)(void*, std::int32_t), void* data) {
          current->waiting_.push_back({call, 0, work, done, data});
        },
    .on_cancel =
        [](flowrra_call* call, void (*cancelled)(void*), void* data) {
          if (call->cancelled && cancelled != nullptr) return cancelled(data);
          call->on_cancel = cancelled;
          call->on_cancel_data = data;
        },
    .enter = [](flowrra_call* call) { current->marks_.push_back(call); },
    .leave = [] { current->marks_.pop_back(); },
    .ready = nullptr,
    .cancel =
        [](flowrra_call* call, void* data) {
          for (Wait& wait : current->waiting_) {
            if (wait.call != call || wait.data != data || wait.begun) continue;
            wait.cancelled = true;
            wait.due = current->now_;
          }
        },
};

}  // namespace flowrra::test
