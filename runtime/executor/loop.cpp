#include "executor/loop.hpp"

#include <sys/eventfd.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace flowrra {
namespace {

// Every handle is allocated on its own, because libuv needs it until its close callback has run, after its owner.
template <typename Handle>
Handle* make_handle(void* owner) {
  auto* handle = new Handle;  // NOLINT(cppcoreguidelines-owning-memory): freed by close_handle
  handle->data = owner;
  return handle;
}

template <typename Handle>
void close_handle(Handle* handle) {
  handle->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
}

template <typename Owner, typename Handle>
Owner* owner_of(Handle* handle) {
  return static_cast<Owner*>(handle->data);
}

// Calls a copy: the callback may destroy its owner.
template <typename Callback, typename... Arguments>
void call_copy(const Callback& callback, Arguments... arguments) {
  const Callback copy = callback;
  copy(arguments...);
}

UniqueFd make_eventfd() {
  UniqueFd made(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!made) throw std::system_error(errno, std::generic_category(), "eventfd");
  return made;
}

}  // namespace

Loop::Loop() : loop_(std::make_unique<uv_loop_s>()) {
  if (uv_loop_init(loop_.get()) != 0) std::abort();
}

Loop::~Loop() {
  while (uv_loop_close(loop_.get()) == UV_EBUSY) uv_run(loop_.get(), UV_RUN_NOWAIT);
}

void Loop::run() {
  stopped_ = false;
  while (!stopped_) uv_run(loop_.get(), UV_RUN_ONCE);
}

void Loop::stop() { stopped_ = true; }

Timer::Timer(Loop& loop, std::function<void()> callback)
    : handle_(make_handle<uv_timer_s>(this)), callback_(std::move(callback)) {
  uv_timer_init(loop.get(), handle_);
}

Timer::~Timer() { close_handle(handle_); }

void Timer::start(Micros delay) {
  const auto millis = std::max<std::int64_t>(0, (delay.count() + 999) / 1000);
  uv_update_time(handle_->loop);
  uv_timer_start(
      handle_,
      [](uv_timer_t* handle) {
        if (auto* self = owner_of<Timer>(handle)) call_copy(self->callback_);
      },
      static_cast<std::uint64_t>(millis), 0);
}

void Timer::stop() { uv_timer_stop(handle_); }

bool Timer::active() const { return uv_is_active(reinterpret_cast<const uv_handle_t*>(handle_)) != 0; }

Poll::Poll(Loop& loop, int fd, std::function<void(bool, bool)> callback)
    : handle_(make_handle<uv_poll_s>(this)), callback_(std::move(callback)) {
  uv_poll_init(loop.get(), handle_, fd);
  listen();
}

Poll::~Poll() {
  uv_poll_stop(handle_);
  close_handle(handle_);
}

void Poll::listen() {
  const int events = UV_READABLE | (writable_ ? UV_WRITABLE : 0);
  uv_poll_start(handle_, events, [](uv_poll_t* handle, int status, int happened) {
    auto* self = owner_of<Poll>(handle);
    if (self == nullptr) return;
    // An error shows itself to whoever reads next.
    const bool readable = status < 0 || (happened & UV_READABLE) != 0;
    call_copy(self->callback_, readable, status >= 0 && (happened & UV_WRITABLE) != 0);
  });
}

void Poll::watch_writable(bool on) {
  if (writable_ == on) return;
  writable_ = on;
  listen();
}

Wakeup::Wakeup(Loop& loop, std::function<void()> callback)
    : signals_(make_eventfd()),
      callback_(std::move(callback)),
      poll_(loop, signals_.get(), [this](bool, bool) { woken(); }) {}

void Wakeup::signal() { eventfd_write(signals_.get(), 1); }

void Wakeup::woken() {
  if (clear_wake(signals_.get())) call_copy(callback_);
}

Deferred::Deferred(Loop& loop, std::function<void()> callback)
    : handle_(make_handle<uv_idle_s>(this)), callback_(std::move(callback)) {
  uv_idle_init(loop.get(), handle_);
}

Deferred::~Deferred() { close_handle(handle_); }

void Deferred::request() {
  if (requested_) return;
  requested_ = true;
  uv_idle_start(handle_, [](uv_idle_t* handle) {
    uv_idle_stop(handle);
    auto* self = owner_of<Deferred>(handle);
    if (self == nullptr) return;
    self->requested_ = false;
    call_copy(self->callback_);
  });
}

SignalWatch::SignalWatch(Loop& loop, int signal_number, std::function<void()> callback)
    : handle_(make_handle<uv_signal_s>(this)), callback_(std::move(callback)) {
  uv_signal_init(loop.get(), handle_);
  uv_signal_start(
      handle_,
      [](uv_signal_t* handle, int) {
        if (auto* self = owner_of<SignalWatch>(handle)) call_copy(self->callback_);
      },
      signal_number);
}

SignalWatch::~SignalWatch() { close_handle(handle_); }

}  // namespace flowrra
