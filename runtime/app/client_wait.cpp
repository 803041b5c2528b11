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

enum class Woken : std::uint8_t { look, interrupted };

// Sleeps until one of the descriptors is readable or the time is over. `fds` begins with the interrupt descriptor.
Woken sleep_on(std::vector<pollfd>& fds, Micros left) {
  const int ready = poll(fds.data(), fds.size(), poll_millis(left));
  if (ready <= 0) return Woken::look;
  if (fds.front().revents != 0) return Woken::interrupted;
  for (const pollfd& fd : fds) {
    if (fd.revents != 0) clear_wake(fd.fd);
  }
  return Woken::look;
}

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
  std::vector<pollfd> fds{{interrupt_fd, POLLIN, 0}, {store_->backend().wake_fd(), POLLIN, 0}};
  if (!config_.one_store()) {
    auto results = backend();
    if (!results) return results.error();
    fds.push_back({(*results)->wake_fd(), POLLIN, 0});
  }
  Patience patience;
  TaskId whole = id;
  State state = State::pending;
  for (bool first = true;; first = false) {
    auto record = find(whole);
    if (!record && !patience.bears(record.error())) return record;
    if (record) {
      patience.was_answered();
      whole = record->id;
      state = record->state;
      watcher(*record);
      if (is_final(state)) return record;
      if (first) log::debug("waiting for task " + whole);
    }
    const BootTime now = system_clock().boot();
    if (now >= end) {
      return Error{Code::timed_out, "task " + whole + " is still " + std::string(name(state)), {}};
    }
    const Micros left = timeout ? end - now : kSafetyLook;
    if (sleep_on(fds, patience.sleep(state == State::running ? std::min(left, look) : left)) == Woken::interrupted) {
      return Error{Code::interrupted, "stopped waiting for task " + whole,
                   "The task goes on: `flowrra result " + whole + " --wait`."};
    }
  }
}

Result<NodeStatus> Client::await_reload(const SessionId& session, std::int64_t request, BootTime end,
                                        int interrupt_fd) {
  std::vector<pollfd> fds{{interrupt_fd, POLLIN, 0}, {store_->backend().wake_fd(), POLLIN, 0}};
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
    if (sleep_on(fds, std::min(end - now, node->expires_in)) == Woken::interrupted) {
      return Error{Code::interrupted, "stopped waiting for node " + node->session.node, {}};
    }
  }
}

}  // namespace flowrra
