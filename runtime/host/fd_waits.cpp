#include "host/fd_waits.hpp"

#include <flowrra/plugin.h>

namespace flowrra {
namespace {

void call_done(void (*done)(void*, std::int32_t), void* data, std::int32_t status) noexcept { done(data, status); }

}  // namespace

void FdWaits::add(IoCall& call, int fd, std::uint32_t events, void (*done)(void*, std::int32_t), void* data) {
  auto* wait = new FdWait{};  // freed in end(), or when its handle is closed
  wait->owner = this;
  wait->call = &call;
  wait->to_the_end = (events & FLOWRRA_FD_TO_THE_END) != 0;
  wait->done = done;
  wait->data = data;
  call.fd_waits.add(*wait);
  if (call.cancelled && !wait->to_the_end) return end_later(*wait, FLOWRRA_STATUS_CANCELLED);
  if (!watch(*wait, loop_, fd, events)) end_later(*wait, FLOWRRA_STATUS_FAILED);
}

void FdWaits::cancel(IoCall& call) {
  for (FdWait* wait = call.fd_waits.first(); wait != nullptr; wait = wait->next) {
    if (!wait->to_the_end) end_later(*wait, FLOWRRA_STATUS_CANCELLED);
  }
}

void FdWaits::cancel(IoCall& call, const void* data) {
  for (FdWait* wait = call.fd_waits.first(); wait != nullptr; wait = wait->next) {
    if (wait->data == data) return end_later(*wait, FLOWRRA_STATUS_CANCELLED);
  }
}

void FdWaits::forget(IoCall& call) {
  while (FdWait* wait = call.fd_waits.first()) {
    end_later(*wait, FLOWRRA_STATUS_CANCELLED);
    call.fd_waits.remove(*wait);
    wait->call = nullptr;
  }
}

bool FdWaits::watch(FdWait& wait, uv_loop_t* loop, int fd, std::uint32_t events) {
  const int wanted =
      ((events & FLOWRRA_FD_READABLE) != 0 ? UV_READABLE : 0) | ((events & FLOWRRA_FD_WRITABLE) != 0 ? UV_WRITABLE : 0);
  if (wanted == 0 || uv_poll_init(loop, &wait.poll, fd) != 0) return false;
  wait.poll.data = &wait;
  wait.watching = true;
  return uv_poll_start(&wait.poll, wanted, &FdWaits::on_event) == 0;
}

// The descriptor may be closed from here on.
void FdWaits::unwatch(FdWait& wait) {
  if (!wait.watching) return;
  wait.watching = false;
  uv_poll_stop(&wait.poll);
}

void FdWaits::on_event(uv_poll_t* poll, int, int) {
  auto& wait = *static_cast<FdWait*>(poll->data);
  wait.owner->end(wait, FLOWRRA_STATUS_OK);  // a descriptor that failed says so when it is read
}

// From a round of the loop of its own: the caller may be within the plugin.
void FdWaits::end_later(FdWait& wait, std::int32_t status) {
  if (wait.ending) return;
  wait.ending = true;
  wait.status = status;
  unwatch(wait);
  const auto end = [](void* data, std::int32_t) {
    auto& ended = *static_cast<FdWait*>(data);
    ended.owner->end(ended, ended.status);
  };
  sleepers_.add(*wait.call, 0, end, &wait);
}

void FdWaits::end(FdWait& wait, std::int32_t status) {
  unwatch(wait);
  const auto done = wait.done;
  auto* const data = wait.data;
  const IoCall* call = wait.call;
  if (call != nullptr) wait.call->fd_waits.remove(wait);
  if (wait.poll.data != nullptr) {
    uv_close(reinterpret_cast<uv_handle_t*>(&wait.poll),
             [](uv_handle_t* handle) { delete static_cast<FdWait*>(handle->data); });
  } else {
    delete &wait;
  }
  if (call == nullptr) return;
  const Dispatch dispatch(marks_, call->number);
  call_done(done, data, status);
}

}  // namespace flowrra
