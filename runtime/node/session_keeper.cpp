#include "node/session_keeper.hpp"

#include <algorithm>
#include <utility>

#include "base/id.hpp"
#include "base/log.hpp"

namespace flowrra {
namespace {

constexpr Micros kRetry = std::chrono::milliseconds(500);
constexpr Micros kFirstBeat = std::chrono::seconds(1);  // then its hosts are up, and others learn of its health

// A store that is locked, full or out of reach may be usable again; these are not without somebody's help.
bool is_lasting(Code code) {
  return code == Code::corrupt || code == Code::denied || code == Code::newer_version || code == Code::config;
}

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
  session_.id = new_short_id(clock_);
  const BootTime asked = clock_.boot();
  courier_.post(
      [session = session_, lease = lease_](Store& store) { return store.directory().open_session(session, lease); },
      [this, asked](const Status& status) {
        if (closing_) return;
        if (!status && is_lasting(status.error().code)) {
          if (events_.refused) events_.refused(status.error());
          return;
        }
        if (!status) {
          if (!std::exchange(failing_, true)) log::error("cannot open a session: " + status.error().message);
          timer_.start(kRetry);
          return;
        }
        if (std::exchange(failing_, false)) log::warning("a session is open again");
        open_ = true;
        untold_ = false;
        answer_.reset();
        renewed_ = asked;
        next(std::min(kFirstBeat, lease_ / 3));
        events_.opened(session_.id);
      });
}

void SessionKeeper::next(Micros delay) {
  due_ = clock_.boot() + delay;
  timer_.start(delay);
}

void SessionKeeper::beat() {
  const BootTime asked = clock_.boot();
  late_ = std::max(Micros(0), asked - due_);
  courier_.post([id = session_.id, lease = lease_, health = events_.health ? events_.health() : std::string()](
                    Store& store) { return store.directory().heartbeat(id, lease, health); },
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
    next(lease_ / 3);
    if (untold_) tell();
    events_.beat();
    return;
  }
  if (!std::exchange(failing_, true)) log::error("cannot renew the session: " + status.error().message);
  if (status.error().code == Code::stale || clock_.boot() - renewed_ >= lease_) {
    lose();
  } else {
    next(std::min(kRetry, lease_ / 6));
  }
}

void SessionKeeper::update(Session about, std::optional<ReloadAnswer> answer) {
  about.id = session_.id;
  session_ = std::move(about);
  untold_ = true;
  if (answer) answer_ = std::move(answer);
  if (!open_ || closing_) return;
  tell();
  // Its hosts have changed, too. Sooner and never later: reloads in a row must not keep the renewal waiting.
  const Micros soon = std::min(kFirstBeat, lease_ / 3);
  if (clock_.boot() + soon < due_) next(soon);
}

void SessionKeeper::tell() {
  untold_ = false;
  courier_.post([session = session_,
                 answer = answer_](Store& store) { return store.directory().update_session(session, answer); },
                [this, id = session_.id](const Status& status) {
                  if (id != session_.id || status) return;
                  log::warning("cannot tell of the plugins: " + status.error().message);
                  untold_ = true;
                });
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
