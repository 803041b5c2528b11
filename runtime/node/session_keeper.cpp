#include "node/session_keeper.hpp"

#include <utility>

#include "base/id.hpp"
#include "base/log.hpp"

namespace flowrra {
namespace {

constexpr Micros kRetry = std::chrono::milliseconds(500);

}  // namespace

SessionKeeper::SessionKeeper(Loop& loop, const Clock& clock, Courier& courier, Session about, Micros lease,
                             Events events)
    : clock_(clock),
      courier_(courier),
      session_(std::move(about)),
      lease_(lease),
      events_(std::move(events)),
      timer_(loop, [this] { open_ ? beat() : open(); }) {}

void SessionKeeper::open() {
  session_.id = new_ulid(clock_);
  const BootTime asked = clock_.boot();
  courier_.post(
      [session = session_, lease = lease_](Store& store) { return store.directory().open_session(session, lease); },
      [this, asked](const Status& status) {
        if (closing_) return;
        if (!status) {
          if (!std::exchange(failing_, true)) log::error("cannot open a session: " + status.error().message);
          timer_.start(kRetry);
          return;
        }
        if (std::exchange(failing_, false)) log::warning("a session is open again");
        open_ = true;
        renewed_ = asked;
        timer_.start(lease_ / 3);
        events_.opened(session_.id);
      });
}

void SessionKeeper::beat() {
  const BootTime asked = clock_.boot();
  courier_.post([id = session_.id, lease = lease_](Store& store) { return store.directory().heartbeat(id, lease); },
                [this, asked, id = session_.id](const Status& status) {
                  if (!open_ || closing_ || id != session_.id) return;
                  if (status) renewed_ = asked;
                  on_beat(status);
                });
}

// A node that could not renew for a whole lease has lost it, whatever the reason: others may run its tasks by now.
void SessionKeeper::on_beat(const Status& status) {
  if (status) {
    if (std::exchange(failing_, false)) log::warning("the session is renewed again");
    timer_.start(lease_ / 3);
    events_.beat();
    return;
  }
  if (!std::exchange(failing_, true)) log::error("cannot renew the session: " + status.error().message);
  if (status.error().code == Code::stale || clock_.boot() - renewed_ >= lease_) {
    lose();
  } else {
    timer_.start(std::min(kRetry, lease_ / 6));
  }
}

void SessionKeeper::lose() {
  if (!open_ || closing_) return;
  log::error("the session is lost: what this node runs is stopped and left to whoever takes it");
  open_ = false;
  timer_.start(Micros(0));
  events_.lost();
}

void SessionKeeper::close() {
  closing_ = true;
  timer_.stop();
  courier_.post([id = session_.id](Store& store) { return store.directory().close_session(id); },
                [this](const Status& status) {
                  if (!status) log::warning("cannot close the session: " + status.error().message);
                  events_.closed();
                });
}

}  // namespace flowrra
