#include "store/redis/listener.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

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

class LiveListener final : public Listener {
 public:
  LiveListener(Endpoint endpoint, std::vector<Bell> bells, Slot slot, UniqueFd stop)
      : endpoint_(std::move(endpoint)), bells_(std::move(bells)), slot_(std::move(slot)), stop_(std::move(stop)) {}
  ~LiveListener() override;

  // Connects and subscribes, once, and works from then on.
  Status start();

 private:
  Status subscribe();  // [before the thread, then the thread]
  void work();         // [thread]
  Status listen();     // [thread]
  bool come_back();    // [thread]
  void ring(ReplyView message) const;
  void ring_all() const;
  Error failed(const Error& error) const;
  [[nodiscard]] Until patience() const { return Until::after(endpoint_.timeout / 2, stop_.get()); }

  const Endpoint endpoint_;
  const std::vector<Bell> bells_;
  const Slot slot_;
  const UniqueFd stop_;
  std::unique_ptr<Link> link_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();  // when it subscribed
  Pause pause_;
  std::thread thread_;
};

LiveListener::~LiveListener() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

Status LiveListener::start() {
  if (const Status subscribed = subscribe(); !subscribed) {
    log::warning(subscribed.error().in("wake-ups").message);
    ring_all();
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
  link_.reset();
  auto greeted = greet(endpoint_, stop_.get());
  if (!greeted) return greeted.error();
  std::vector<std::string_view> channels;
  for (const Bell& bell : bells_) {
    if (std::find(channels.begin(), channels.end(), bell.channel) == channels.end()) channels.push_back(bell.channel);
  }
  const std::string_view subscribe[] = {"SUBSCRIBE"};
  std::string command;
  append_command(command, subscribe, channels);
  const Until until = Until::after(endpoint_.timeout, stop_.get());
  if (auto sent = greeted->link->send(command, until); !sent) return failed(sent.error());
  for (std::size_t confirmed = 0; confirmed < channels.size();) {
    const auto answer = greeted->link->receive(until);
    if (!answer) return failed(answer.error());
    if (answer->view().is_error()) return failed(server_error(answer->view().text()));
    if (answer->view()[0].text() == "subscribe") ++confirmed;
  }
  link_ = std::move(greeted->link);
  since_ = std::chrono::steady_clock::now();
  return {};
}

void LiveListener::work() {
  for (;;) {
    if (link_) {
      const Status ended = listen();
      if (ended.error().code == Code::interrupted) return;
      log::warning(ended.error().in("wake-ups").message);
    }
    if (!come_back()) return;
    log::info(endpoint_.name() + ": wake-ups are heard again");
    ring_all();
  }
}

// Rings until the connection fails: never returns a success.
Status LiveListener::listen() {
  bool asked = false;  // for a sign of life
  for (;;) {
    const auto heard = link_->receive(patience());
    if (heard) {
      asked = false;
      ring(heard->view());
      continue;
    }
    if (heard.error().code != Code::timed_out || asked) return failed(heard.error());
    const std::string_view ping[] = {"PING"};
    std::string command;
    append_command(command, ping);
    if (auto sent = link_->send(command, patience()); !sent) return failed(sent.error());
    asked = true;
  }
}

// ["message", channel, text]
void LiveListener::ring(ReplyView message) const {
  if (message[0].text() != "message") return;
  for (const Bell& bell : bells_) {
    if (bell.channel == message[1].text()) eventfd_write(bell.fd, 1);
  }
}

void LiveListener::ring_all() const {
  for (const Bell& bell : bells_) eventfd_write(bell.fd, 1);
}

// Subscribes, however long it takes; false when the listener is to end before. Rings for each attempt that fails: while
// nothing is heard, who waits must look. A connection that did not live for a second is no reason to hurry.
bool LiveListener::come_back() {
  bool rest = std::chrono::steady_clock::now() - since_ < std::chrono::seconds(1);
  if (!rest) pause_.reset();
  for (;; rest = true) {
    if (rest) {
      const auto rested = wait_for(stop_.get(), POLLIN, Until::after(pause_.next()));
      if (rested || rested.error().code != Code::timed_out) return false;
    }
    const Status subscribed = subscribe();
    if (subscribed) return true;
    if (subscribed.error().code == Code::interrupted) return false;
    ring_all();
  }
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const Endpoint& endpoint, std::vector<Bell> bells) {
  auto slot = Slot::take(endpoint);
  if (!slot) return slot.error();
  UniqueFd stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop) return Error{Code::internal, "cannot make an eventfd: " + errno_text(errno), {}};
  auto listener = std::make_unique<LiveListener>(endpoint, std::move(bells), *std::move(slot), std::move(stop));
  if (auto started = listener->start(); !started) return started.error();
  return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace flowrra::redis
