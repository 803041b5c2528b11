#pragma once

// The host's side of the ABI for one attempt in a test.

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "flowrra/context.hpp"
#include "flowrra/descriptor.hpp"
#include "flowrra/plugin.h"
#include "flowrra/testing_outcome.hpp"

namespace flowrra::inline sdk::testing::detail {

using sdk::detail::Descriptor;
using std::chrono::milliseconds;

// One attempt on a fake clock. The clock stands while the task computes and leaps to the next wait's end when nothing
// else is to be done; only while threads or other programs work does it go with real time.
// [the test's thread, where nothing else is said]
class Attempt {
 public:
  explicit Attempt(const Settings& settings) : settings_(settings), news_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() {
    for (Work& work : works_) work.thread.join();
  }

  Outcome run(const flowrra_task& task, std::string_view args) {
    task.run(task.data, call(), {args.data(), args.size()});
    if (!ended_ && task.kind != FLOWRRA_KIND_IO) throw std::logic_error("the task returned and did not end its call");
    while (!ended_) step();
    outcome_.took = milliseconds(now_);
    return std::move(outcome_);
  }

  static const flowrra_host& host();

 private:
  using Done = void (*)(void* data, std::int32_t status);
  struct Wait {
    std::int64_t due;
    int fd;  // -1: a sleep
    std::uint32_t events;
    Done done;
    void* data;
    std::int32_t status = FLOWRRA_STATUS_OK;
  };
  struct Work {
    std::thread thread;
    Done done;
    void* data;
    bool finished = false;  // guarded by lock_
  };
  static constexpr std::int64_t kNever = INT64_MAX;
  static constexpr int kPatienceMs = 60'000;  // for threads and programs that nothing else waits with

  flowrra_call* call() { return reinterpret_cast<flowrra_call*>(this); }
  static Attempt& of(flowrra_call* call) { return *reinterpret_cast<Attempt*>(call); }
  // The table's questions are const; the clock and what the test wants to be told of them are not.
  static Attempt& of(const flowrra_call* call) { return of(const_cast<flowrra_call*>(call)); }
  static std::string text(flowrra_bytes bytes) { return bytes.size == 0 ? "" : std::string(bytes.data, bytes.size); }

  // [any thread] With lock_ held.
  bool cancelled() {
    if (!cancelled_ && settings_.timeout && now_ >= settings_.timeout->count()) cancelled_ = timed_out_ = true;
    if (settings_.cancel_after && now_ >= settings_.cancel_after->count()) cancelled_ = true;
    if (!cancelled_ && settings_.cancel_when && settings_.cancel_when(outcome_)) cancelled_ = true;
    return cancelled_;
  }
  // [any thread]
  std::int64_t time_left() {
    const std::lock_guard lock(lock_);
    now_ += settings_.tick.count();
    if (!settings_.timeout) return kNever;
    return std::max<std::int64_t>(0, settings_.timeout->count() - now_);
  }
  bool look() {  // [any thread]
    const std::lock_guard lock(lock_);
    now_ += settings_.tick.count();
    return cancelled();
  }
  bool is_cancelled() {
    const std::lock_guard lock(lock_);
    return cancelled();
  }
  template <class Change>
  void tell(Change&& change) {  // [any thread]
    const std::lock_guard lock(lock_);
    change(outcome_);
    cancelled();
  }
  void end(End how, std::string json, std::string message, std::int64_t retry_after_ms) {
    if (std::exchange(ended_, true)) throw std::logic_error("the task ended its call twice");
    outcome_.end = how == End::cancelled && timed_out_ ? End::timeout : how;
    outcome_.json = std::move(json);
    outcome_.message = outcome_.end == End::timeout ? "ran longer than its timeout" : std::move(message);
    if (retry_after_ms >= 0) outcome_.retry_after = milliseconds(retry_after_ms);
  }

  // One turn of the loop: something ends, or time passes.
  void step() {
    if (is_cancelled() && !std::exchange(told_, true)) return end_waits();
    if (end_work() || end_wait()) return;
    const std::int64_t next = next_time();
    const bool others =
        !works_.empty() || std::any_of(waits_.begin(), waits_.end(), [](const Wait& wait) { return wait.fd >= 0; });
    if (!others && next == kNever) throw std::logic_error("the task waits for something that nothing here will end");
    if (!others || outside(next)) set_clock(next);
  }
  void set_clock(std::int64_t to) {
    if (to == kNever) throw std::logic_error("the task's threads or programs were silent for a minute");
    const std::lock_guard lock(lock_);
    now_ = std::max<std::int64_t>(now_, to);
    real_ = std::chrono::steady_clock::now();
  }
  // The task is cancelled: all that it waits for ends.
  void end_waits() {
    for (Wait& wait : waits_) {
      if ((wait.events & FLOWRRA_FD_TO_THE_END) == 0) wait.status = FLOWRRA_STATUS_CANCELLED;
    }
    if (on_cancel_ != nullptr) std::exchange(on_cancel_, nullptr)(on_cancel_data_);
  }
  bool end_work() {
    auto at = works_.begin();
    {
      const std::lock_guard lock(lock_);
      while (at != works_.end() && !at->finished) ++at;
    }
    if (at == works_.end()) return false;
    at->thread.join();
    const auto [done, data] = std::pair(at->done, at->data);
    works_.erase(at);
    done(data, FLOWRRA_STATUS_OK);
    return true;
  }
  // Ends the wait that is due first.
  bool end_wait() {
    auto first = waits_.end();
    for (auto at = waits_.begin(); at != waits_.end(); ++at) {
      if (at->status == FLOWRRA_STATUS_OK && (at->fd >= 0 ? !is_ready(*at) : at->due > now_)) continue;
      if (first == waits_.end() || at->due < first->due) first = at;
    }
    if (first == waits_.end()) return false;
    const Wait wait = *first;
    waits_.erase(first);
    wait.done(wait.data, wait.status);
    return true;
  }
  static short poll_events(const Wait& wait) {
    const int events = ((wait.events & FLOWRRA_FD_READABLE) != 0 ? POLLIN : 0) |
                       ((wait.events & FLOWRRA_FD_WRITABLE) != 0 ? POLLOUT : 0);
    return static_cast<short>(events);
  }
  static bool is_ready(const Wait& wait) {
    pollfd polled{wait.fd, poll_events(wait), 0};
    return ::poll(&polled, 1, 0) == 1;
  }
  // When something happens by itself.
  [[nodiscard]] std::int64_t next_time() const {
    std::int64_t next = kNever;
    for (const Wait& wait : waits_)
      if (wait.fd < 0) next = std::min(next, wait.due);
    if (!told_ && settings_.timeout) next = std::min<std::int64_t>(next, settings_.timeout->count());
    if (!told_ && settings_.cancel_after) next = std::min<std::int64_t>(next, settings_.cancel_after->count());
    return next;
  }
  // Waits for threads and programs until `next`. True when it has come.
  bool outside(std::int64_t next) {
    std::vector<pollfd> polled{{news_.get(), POLLIN, 0}};
    for (const Wait& wait : waits_)
      if (wait.fd >= 0) polled.push_back({wait.fd, poll_events(wait), 0});
    using std::chrono::steady_clock;
    const auto passed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - real_).count();
    const std::int64_t left = next == kNever ? kPatienceMs : std::max<std::int64_t>(0, next - now_ - passed);
    const int count = ::poll(polled.data(), polled.size(), static_cast<int>(std::min<std::int64_t>(left, kPatienceMs)));
    std::uint64_t value = 0;
    if (polled[0].revents != 0) static_cast<void>(::read(news_.get(), &value, sizeof value));
    return count == 0;
  }

  void add_sleep(std::int64_t ms, Done done, void* data) {
    add({now_ + std::max<std::int64_t>(0, ms), -1, 0, done, data});
  }
  void add_fd(int fd, std::uint32_t events, Done done, void* data) {
    struct stat about = {};
    Wait wait{now_, fd, events, done, data};
    if (::fstat(fd, &about) != 0 || S_ISREG(about.st_mode)) wait.status = FLOWRRA_STATUS_FAILED;
    add(wait);
  }
  void add(Wait wait) {
    if (told_ && (wait.events & FLOWRRA_FD_TO_THE_END) == 0) wait.status = FLOWRRA_STATUS_CANCELLED;
    if (waits_.empty() && works_.empty()) real_ = std::chrono::steady_clock::now();
    waits_.push_back(wait);
  }
  void add_work(void (*body)(void*), Done done, void* data) {
    if (told_) return waits_.push_back({now_, -1, 0, done, data, FLOWRRA_STATUS_CANCELLED});
    if (waits_.empty() && works_.empty()) real_ = std::chrono::steady_clock::now();
    Work& work = works_.emplace_back(Work{{}, done, data});
    work.thread = std::thread([this, &work, body] {
      body(work.data);
      {
        const std::lock_guard lock(lock_);
        work.finished = true;
      }
      const std::uint64_t one = 1;
      static_cast<void>(::write(news_.get(), &one, sizeof one));
    });
  }
  void cancel(const void* data) {
    for (Wait& wait : waits_)
      if (wait.data == data) wait.status = FLOWRRA_STATUS_CANCELLED;
  }
  void listen(void (*listener)(void*), void* data) {
    if (told_ && listener != nullptr) return listener(data);
    on_cancel_ = listener;
    on_cancel_data_ = data;
  }

  static const flowrra_async& async();

  Settings settings_;
  Descriptor news_;  // a thread has finished
  std::mutex lock_;
  Outcome outcome_;
  std::atomic<std::int64_t> now_ = 0;  // written with lock_ held
  bool cancelled_ = false;
  bool timed_out_ = false;  // cancelled because of that
  bool told_ = false;       // the task's waits have heard of it
  bool ended_ = false;
  std::list<Wait> waits_;
  std::list<Work> works_;
  std::chrono::steady_clock::time_point real_ = std::chrono::steady_clock::now();  // when the clock last moved
  void (*on_cancel_)(void*) = nullptr;
  void* on_cancel_data_ = nullptr;
};

inline const flowrra_host& Attempt::host() {
  static const flowrra_host table{
      FLOWRRA_ABI_VERSION,
      sizeof(flowrra_host),
      [](const char* id) -> const void* { return std::string_view(id) == FLOWRRA_EXT_ASYNC ? &async() : nullptr; },
      [](const flowrra_call* call) { return sdk::detail::bytes(of(call).settings_.id); },
      [](const flowrra_call* call) -> std::int32_t { return of(call).settings_.attempt; },
      [](const flowrra_call* call) -> std::int64_t { return of(call).time_left(); },
      [](const flowrra_call* call) -> std::int32_t { return of(call).look() ? 1 : 0; },
      [](flowrra_call* call, double done, double total, flowrra_bytes note) {
        of(call).tell([&](Outcome& so_far) { so_far.progress.push_back({done, total, text(note)}); });
      },
      [](flowrra_call* call, std::uint32_t level, flowrra_bytes line) {
        of(call).tell([&](Outcome& so_far) {
          so_far.log.push_back({static_cast<Level>(std::min(level, FLOWRRA_LOG_ERROR)), text(line)});
        });
      },
      [](flowrra_call* call, flowrra_bytes json) { of(call).end(End::success, text(json), {}, -1); },
      [](flowrra_call* call, const flowrra_failure* failure) {
        const End how = failure->kind == FLOWRRA_FAIL_PERMANENT   ? End::permanent
                        : failure->kind == FLOWRRA_FAIL_CANCELLED ? End::cancelled
                                                                  : End::failure;
        of(call).end(how, {}, text(failure->message), failure->retry_after_ms);
      }};
  return table;
}

inline const flowrra_async& Attempt::async() {
  static const flowrra_async table{
      sizeof(flowrra_async),
      [](flowrra_call* call, std::int64_t ms, Done done, void* data) { of(call).add_sleep(ms, done, data); },
      [](flowrra_call* call, void (*work)(void*), Done done, void* data) { of(call).add_work(work, done, data); },
      [](flowrra_call* call, void (*listener)(void*), void* data) { of(call).listen(listener, data); },
      [](flowrra_call*) {},
      [] {},
      [](flowrra_call* call, std::int32_t fd, std::uint32_t events, Done done, void* data) {
        of(call).add_fd(fd, events, done, data);
      },
      [](flowrra_call* call, void* data) { of(call).cancel(data); }};
  return table;
}

}  // namespace flowrra::inline sdk::testing::detail
