#include "host/async_table.hpp"

#include <flowrra/plugin.h>

#include <utility>

namespace flowrra {
namespace {

LoopServices services;
flowrra_loop loop_table = {};

IoCall& io_call(flowrra_call* call) { return static_cast<IoCall&>(*call); }

void sleep(flowrra_call* call, std::int64_t ms, void (*done)(void*, std::int32_t), void* data) {
  services.sleepers->add(io_call(call), ms, done, data);
}

void blocking(flowrra_call* call, void (*work)(void*), void (*done)(void*, std::int32_t), void* data) {
  services.pool->add(io_call(call), work, done, data);
}

void on_cancel(flowrra_call* call, void (*cancelled)(void*), void* data) {
  io_call(call).on_cancel = cancelled;
  io_call(call).on_cancel_data = data;
  if (cancelled != nullptr && call->cancelled) notify_cancelled(io_call(call));
}

void enter(flowrra_call* call) { services.marks->enter(call->number); }

void leave() { services.marks->leave(); }

void ready(flowrra_call* call, std::int32_t fd, std::uint32_t events, void (*done)(void*, std::int32_t), void* data) {
  services.fds->add(io_call(call), fd, events, done, data);
}

void cancel(flowrra_call* call, void* data) {
  services.fds->cancel(io_call(call), data);
  BlockingPool::cancel(io_call(call), data);
  services.sleepers->wake(io_call(call), data);
}

constexpr flowrra_async kAsyncTable = {
    .struct_size = sizeof(flowrra_async),
    .sleep = sleep,
    .blocking = blocking,
    .on_cancel = on_cancel,
    .enter = enter,
    .leave = leave,
    .ready = ready,
    .cancel = cancel,
};

}  // namespace

void bind_async_table(const LoopServices& new_services) {
  services = new_services;
  loop_table = {.struct_size = sizeof(flowrra_loop), .uv_version = uv_version(), .loop = services.loop};
}

const void* async_extension(std::string_view id) {
  if (services.loop == nullptr) return nullptr;
  if (id == FLOWRRA_EXT_ASYNC) return &kAsyncTable;
  if (id == FLOWRRA_EXT_LOOP) return &loop_table;
  return nullptr;
}

void notify_cancelled(IoCall& call) noexcept {
  if (const auto cancelled = std::exchange(call.on_cancel, nullptr)) cancelled(call.on_cancel_data);
}

}  // namespace flowrra
