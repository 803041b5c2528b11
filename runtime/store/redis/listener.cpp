#include "store/redis/listener.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/fd.hpp"
#include "base/log.hpp"
#include "store/redis/command.hpp"
#include "store/redis/errors.hpp"
#include "store/redis/handshake.hpp"
#include "store/redis/pause.hpp"
#include "store/redis/quiet_thread.hpp"
#include "store/redis/slot.hpp"

namespace flowrra::redis {
namespace {

// What the poll of who waits stands for: the connection, and a bell for what does not come through it.
struct Descriptors {
  UniqueFd both;  // an epoll instance with the two
  UniqueFd bell;
  UniqueFd stop;  // the thread is to end

  Status open();
};

Status Descriptors::open() {
  both = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  bell = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  stop = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event readable{EPOLLIN, {}};
  if (!both || !bell || !stop || epoll_ctl(both.get(), EPOLL_CTL_ADD, bell.get(), &readable) != 0) {
    return Error{Code::internal, "cannot make an eventfd: " + errno_text(errno), {}};
  }
  return {};
}

class LiveListener final : public Listener {
 public:
  LiveListener(Endpoint endpoint, std::string channel, Slot slot, Descriptors descriptors)
      : endpoint_(std::move(endpoint)),
        channel_(std::move(channel)),
        slot_(std::move(slot)),
        descriptors_(std::move(descriptors)) {}
  ~LiveListener() override;

  // Connects and subscribes, once, and works from then on.
  Status start();

  [[nodiscard]] int fd() const override { return descriptors_.both.get(); }
  Heard hear() override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Time = std::chrono::steady_clock::time_point;

  Status subscribe();                                 // [before the thread, then the thread]
  void work();                                        // [thread]
  bool come_back();                                   // [thread]
  void tend();                                        // under the lock [thread]
  void read_all(std::vector<std::string>* messages);  // under the lock
  void lose(const Error& error);                      // under the lock
  void ring();                                        // under the lock
  Error failed(const Error& error) const;

  const Endpoint endpoint_;
  const std::string channel_;
  const Slot slot_;
  const Descriptors descriptors_;
  std::mutex mutex_;
  std::condition_variable changed_;  // the connection is lost, or the end has come
  std::unique_ptr<Link> link_;       // null: to be made anew
  bool ending_ = false;
  bool missed_ = false;
  bool heard_ = false;                             // anything, since the thread looked last
  bool asked_ = false;                             // for a sign of life
  Time since_ = std::chrono::steady_clock::now();  // when it subscribed
  Pause pause_;                                    // [thread]
  std::thread thread_;
};

LiveListener::~LiveListener() {
  if (!thread_.joinable()) return;
  {
    const Lock lock(mutex_);
    ending_ = true;
  }
  eventfd_write(descriptors_.stop.get(), 1);
  changed_.notify_one();
  thread_.join();
}

Status LiveListener::start() {
  if (const Status subscribed = subscribe(); !subscribed) {
    log::warning(subscribed.error().in("wake-ups").message);
    ring();
  }
  auto thread = start_quiet_thread([this] { work(); });
  if (!thread) return thread.error();
  thread_ = *std::move(thread);
  return {};
}

Error LiveListener::failed(const Error& error) const {
  Error out = error.in(endpoint_.name());
  if (out.code == Code::timed_out) out.code = Code::unreachable;
  return out;
}

Status LiveListener::subscribe() {
  auto greeted = greet(endpoint_, descriptors_.stop.get());
  if (!greeted) return greeted.error();
  const std::string_view subscribe[] = {"SUBSCRIBE", channel_};
  std::string command;
  append_command(command, subscribe);
  const Until until = Until::after(endpoint_.timeout, descriptors_.stop.get());
  if (auto sent = greeted->link->send(command, until); !sent) return failed(sent.error());
  for (bool confirmed = false; !confirmed;) {
    const auto answer = greeted->link->receive(until);
    if (!answer) return failed(answer.error());
    if (answer->view().is_error()) return failed(server_error(answer->view().text()));
    confirmed = answer->view()[0].text() == "subscribe";
  }
  const Lock lock(mutex_);
  epoll_event readable{EPOLLIN, {}};
  if (epoll_ctl(descriptors_.both.get(), EPOLL_CTL_ADD, greeted->link->fd(), &readable) != 0) {
    return Error{Code::internal, "cannot watch a connection: " + errno_text(errno), {}};
  }
  link_ = std::move(greeted->link);
  since_ = std::chrono::steady_clock::now();
  heard_ = true;
  asked_ = false;
  return {};
}

Listener::Heard LiveListener::hear() {
  const Lock lock(mutex_);
  Heard out;
  read_all(&out.messages);
  out.missed = std::exchange(missed_, false);
  if (out.missed) clear_wake(descriptors_.bell.get());
  return out;
}

// Reads without waiting. Messages that nobody takes are missed.
void LiveListener::read_all(std::vector<std::string>* messages) {
  for (bool more = true; link_ && more; more = link_ && link_->may_have_more()) {
    auto got = link_->receive({});
    if (!got && got.error().code == Code::timed_out) break;
    if (!got) {
      lose(failed(got.error()));
      break;
    }
    heard_ = true;
    asked_ = false;
    const ReplyView message = got->view();  // ["message", channel, text]
    if (message[0].text() != "message") continue;
    if (messages != nullptr) {
      messages->emplace_back(message[2].text());
    } else {
      ring();
    }
  }
}

void LiveListener::ring() {
  missed_ = true;
  eventfd_write(descriptors_.bell.get(), 1);
}

void LiveListener::lose(const Error& error) {
  log::warning(error.in("wake-ups").message);
  epoll_ctl(descriptors_.both.get(), EPOLL_CTL_DEL, link_->fd(), nullptr);  // a child may have the socket, too
  link_.reset();
  ring();
  changed_.notify_one();
}

void LiveListener::work() {
  Lock lock(mutex_);
  while (!ending_) {
    if (link_) {
      changed_.wait_for(lock, endpoint_.timeout / 2, [this] { return ending_ || !link_; });
      if (!ending_ && link_) tend();
      continue;
    }
    lock.unlock();
    const bool back = come_back();
    lock.lock();
    if (!back) return;
    log::info(endpoint_.name() + ": wake-ups are heard again");
    ring();
  }
}

// Looks after the connection when it was left alone for a while.
void LiveListener::tend() {
  read_all(nullptr);
  if (!link_ || std::exchange(heard_, false)) return;
  if (asked_) return lose(failed({Code::unreachable, "no answer in time", {}}));
  const std::string_view ping[] = {"PING"};
  std::string command;
  append_command(command, ping);
  asked_ = true;
  if (auto sent = link_->send(command, {}); !sent) lose(failed(sent.error()));
}

// Subscribes, however long it takes; false when the listener is to end before. Rings for each attempt that fails: while
// nothing is heard, who waits must look. A connection that did not live for a second is no reason to hurry.
bool LiveListener::come_back() {
  const int stop = descriptors_.stop.get();
  bool rest = std::chrono::steady_clock::now() - since_ < std::chrono::seconds(1);
  if (!rest) pause_.reset();
  for (;; rest = true) {
    if (rest) {
      const auto rested = wait_for(stop, POLLIN, Until::after(pause_.next()));
      if (rested || rested.error().code != Code::timed_out) return false;
    }
    const Status subscribed = subscribe();
    if (subscribed) return true;
    if (subscribed.error().code == Code::interrupted) return false;
    const Lock lock(mutex_);
    ring();
  }
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const Endpoint& endpoint, const std::string& channel) {
  auto slot = Slot::take(endpoint);
  if (!slot) return slot.error();
  Descriptors descriptors;
  if (auto opened = descriptors.open(); !opened) return opened.error();
  auto listener = std::make_unique<LiveListener>(endpoint, channel, *std::move(slot), std::move(descriptors));
  if (auto started = listener->start(); !started) return started.error();
  return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace flowrra::redis
