#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "app/client.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"

namespace flowrra {
namespace {

// Waking does not depend on this. It bounds the harm when a wake-up is lost outside of us, as when somebody deletes
// the store's wake file.
constexpr Micros kSafetyLook = std::chrono::seconds(10);

// Milliseconds for poll(), rounded up so that it does not return just before the moment.
int poll_millis(Micros left) {
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(std::clamp(left, Micros(0), kSafetyLook));
  return static_cast<int>(millis.count());
}

// Who waits is woken by the ends that some stores hear of, and by a descriptor that interrupts.
class Bells {
 public:
  Bells(int interrupt_fd, std::vector<Backend*> stores) : fds_{{interrupt_fd, POLLIN, 0}}, stores_(std::move(stores)) {
    for (Backend* store : stores_) fds_.push_back({store->wake_fd(), POLLIN, 0});
  }

  // Forgets what was heard: before the first look, which shows more.
  void clear() {
    for (Backend* store : stores_) store->hear({});
  }

  struct Woken {
    bool interrupted = false;
    bool look = false;
    std::optional<TaskRecord> ended;
  };
  // Sleeps until there is something to do about the task that is `awaited`, or the time is over, which is a reason to
  // look.
  Woken sleep(Micros time, const TaskRecord& awaited) {
    const BootTime end = system_clock().boot() + time;
    for (;;) {
      const int ready = poll(fds_.data(), fds_.size(), poll_millis(end - system_clock().boot()));
      if (ready <= 0) return {.interrupted = false, .look = true, .ended = {}};
      Woken out{.interrupted = fds_.front().revents != 0, .look = false, .ended = {}};
      hear(awaited, out);
      if (out.interrupted || out.look || out.ended) return out;
    }
  }

 private:
  void hear(const TaskRecord& awaited, Woken& out) {
    for (std::size_t i = 0; i < stores_.size(); ++i) {
      if (fds_[i + 1].revents == 0) continue;
      Backend::Heard heard = stores_[i]->hear(awaited);
      out.look |= heard.look;
      if (heard.ended) out.ended = std::move(heard.ended);
    }
  }

  std::vector<pollfd> fds_;
  std::vector<Backend*> stores_;
};

// Bears with a store that was there and does not answer, for a while: a server is restarted, a lock is held for long.
class Patience {
 public:
  // Whether it is worth another look.
  bool bears(const Error& error) {
    const BootTime now = system_clock().boot();
    if (error.code != Code::unreachable && error.code != Code::busy) return false;
    if (!away_) log::warning(error.message + "; still waiting");
    if (!std::exchange(away_, true)) since_ = now;
    return now - since_ < kMost;
  }
  void was_answered() { away_ = false; }
  // How long to sleep at most: nothing rings where nobody answers.
  [[nodiscard]] Micros sleep(Micros left) const { return away_ ? std::min(left, kBetween) : left; }

 private:
  static constexpr Micros kMost = std::chrono::seconds(60);
  static constexpr Micros kBetween = std::chrono::milliseconds(500);
  bool away_ = false;
  BootTime since_{};
};

}  // namespace

Result<TaskRecord> Client::wait(const TaskId& id, std::optional<Micros> timeout, int interrupt_fd) {
  return watch(id, timeout, interrupt_fd, kSafetyLook, [](const TaskRecord&) {});
}

Result<TaskRecord> Client::watch(const TaskId& id, std::optional<Micros> timeout, int interrupt_fd, Micros look,
                                 const Watcher& watcher) {
  const BootTime end = timeout ? system_clock().boot() + *timeout : BootTime::max();
  // The descriptors before the first look: what ends in between makes them readable. A task that is cancelled while
  // it waits is known to the broker's store alone, so both are watched.
  std::vector<Backend*> stores{&store_->backend()};
  if (!config_.one_store()) {
    auto results = backend();
    if (!results) return results.error();
    stores.push_back(*results);
  }
  Bells bells(interrupt_fd, std::move(stores));
  Patience patience;
  // Of the end of a task that was just submitted all is heard, where it listened then as it does now: no first look.
  const int ends_fd = store_->backend().wake_fd();
  const bool listened = std::exchange(ends_fd_, ends_fd) == ends_fd;
  std::optional<TaskRecord> fresh = std::exchange(fresh_, std::nullopt);
  bool looks = !fresh || fresh->id != id || !listened;
  bool is_known = !looks;
  TaskRecord known = looks ? TaskRecord() : *std::move(fresh);
  known.id = id;
  if (looks) bells.clear();
  for (bool first = true;; first = false, looks = true) {
    if (looks) {
      auto record = find(known.id);
      if (!record && !patience.bears(record.error())) return record;
      if (record) {
        patience.was_answered();
        known = *std::move(record);
        is_known = true;
        watcher(known);
        if (is_final(known.state)) return known;
      }
    }
    if (first) log::debug("waiting for task " + known.id);
    const BootTime now = system_clock().boot();
    if (now >= end) {
      if (!looks) continue;
      return Error{Code::timed_out, "task " + known.id + " is still " + std::string(name(known.state)), {}};
    }
    const Micros left = std::min(timeout ? end - now : kSafetyLook, kSafetyLook);
    auto woken = bells.sleep(patience.sleep(known.state == State::running ? std::min(left, look) : left),
                             is_known ? known : TaskRecord());
    if (woken.ended) {
      watcher(*woken.ended);
      return *std::move(woken.ended);
    }
    if (woken.interrupted && looks) {
      return Error{Code::interrupted, "stopped waiting for task " + known.id,
                   "The task goes on: `flowrra result " + known.id + " --wait`."};
    }
  }
}

Result<NodeStatus> Client::await_reload(const SessionId& session, std::int64_t request, BootTime end,
                                        int interrupt_fd) {
  Bells bells(interrupt_fd, {&store_->backend()});
  bells.clear();
  fresh_.reset();
  for (;;) {
    auto known = nodes();
    if (!known) return known.error();
    const auto node = std::ranges::find(*known, session, [](const NodeStatus& each) { return each.session.id; });
    if (node == known->end() || !node->alive) {
      return Error{Code::not_found, "the node has ended before it answered", "Start it again: it loads what is there."};
    }
    if (node->reload.request >= request) return *node;
    const BootTime now = system_clock().boot();
    if (now >= end) {
      return Error{Code::timed_out, "node " + node->session.node + " has not answered yet",
                   "It may still do it: its log says what became of it."};
    }
    if (bells.sleep(std::min({end - now, node->expires_in, kSafetyLook}), {}).interrupted) {
      return Error{Code::interrupted, "stopped waiting for node " + node->session.node, {}};
    }
  }
}

}  // namespace flowrra
