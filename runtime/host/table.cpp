#include "host/table.hpp"

#include <flowrra/plugin.h>

#include <algorithm>
#include <limits>
#include <mutex>

#include "host/json_text.hpp"
#include "host/outcome.hpp"

namespace flowrra {
namespace {

CallOwner* owner = nullptr;
std::mutex progress_lock;

std::string_view view(flowrra_bytes bytes) { return {bytes.data == nullptr ? "" : bytes.data, bytes.size}; }

void send_log(std::uint64_t call, std::uint32_t level, std::string_view text) {
  owner->tell(log_frame(call, level, text));
}

// A call that stays silent for long still gets its last progress out when it looks around.
void send_progress_if_due(const flowrra_call& call) {
  std::string frame = release_progress(const_cast<flowrra_call&>(call), Release::if_due);
  if (!frame.empty()) owner->tell(std::move(frame));
}

const void* extension(const char* id) { return owner == nullptr || id == nullptr ? nullptr : owner->extension(id); }

flowrra_bytes task_id(const flowrra_call* call) { return {call->id.data(), call->id.size()}; }

std::int32_t attempt(const flowrra_call* call) { return call->attempt; }

std::int64_t time_left_ms(const flowrra_call* call) {
  if (call->deadline == BootTime::max()) return std::numeric_limits<std::int64_t>::max();
  const Micros left = call->deadline - system_clock().boot();
  return left.count() <= 0 ? 0 : std::chrono::ceil<std::chrono::milliseconds>(left).count();
}

std::int32_t is_cancelled(const flowrra_call* call) {
  send_progress_if_due(*call);
  if (call->cancelled || owner->stop_asked(*call)) return 1;
  return call->deadline != BootTime::max() && system_clock().boot() >= call->deadline ? 1 : 0;
}

void progress(flowrra_call* call, double done, double total, flowrra_bytes note) {
  bool waited = false;
  {
    const std::lock_guard lock(progress_lock);
    call->progress.done = done;
    call->progress.total = total;
    call->progress.note = view(note).substr(0, kMaxNoteBytes);
    waited = call->progress_waits.exchange(true);
  }
  std::string frame = release_progress(*call, Release::if_due);
  if (!frame.empty()) {
    owner->tell(std::move(frame));
  } else if (!waited) {
    owner->progress_held(*call);
  }
}

void log_line(flowrra_call* call, std::uint32_t level, flowrra_bytes text) {
  send_log(call->number, level, view(text));
}

void succeed(flowrra_call* call, flowrra_bytes json) {
  if (call->ended.exchange(true)) {
    send_log(call->number, FLOWRRA_LOG_WARNING, "succeed() was called for a call that had ended; it is ignored");
    return;
  }
  call->outcome = success_outcome(call->number, view(json));
  owner->ended(*call);
}

void fail(flowrra_call* call, const flowrra_failure* failure) {
  if (call->ended.exchange(true)) {
    send_log(call->number, FLOWRRA_LOG_WARNING, "fail() was called for a call that had ended; it is ignored");
    return;
  }
  call->outcome = failure_outcome(call->number, failure);
  owner->ended(*call);
}

constexpr flowrra_host kTable = {
    .abi_version = FLOWRRA_ABI_VERSION,
    .struct_size = sizeof(flowrra_host),
    .extension = extension,
    .task_id = task_id,
    .attempt = attempt,
    .time_left_ms = time_left_ms,
    .is_cancelled = is_cancelled,
    .progress = progress,
    .log = log_line,
    .succeed = succeed,
    .fail = fail,
};

}  // namespace

const flowrra_host& host_table() { return kTable; }

void set_call_owner(CallOwner& new_owner) { owner = &new_owner; }

std::string log_frame(std::uint64_t call, std::uint32_t level, std::string_view text) {
  std::string frame;
  append(frame, LogFrame{call, std::min(level, FLOWRRA_LOG_ERROR), shortened(text, kMaxLogBytes)});
  return frame;
}

bool end_call(flowrra_call& call, CallEnd end, std::string text) {
  if (call.ended.exchange(true)) return false;
  call.outcome.call = call.number;
  call.outcome.end = end;
  call.outcome.text = std::move(text);
  owner->ended(call);
  return true;
}

std::string release_progress(flowrra_call& call, Release when) {
  std::string frame;
  if (!call.progress_waits.load(std::memory_order_acquire)) return frame;
  const BootTime now = system_clock().boot();
  const std::lock_guard lock(progress_lock);
  flowrra_call::Progress& held = call.progress;
  const bool first = held.sent == BootTime::min();
  if (when == Release::if_due && !first && now - held.sent < kProgressEvery) return frame;
  if (!call.progress_waits.exchange(false)) return frame;
  append(frame, ProgressFrame{call.number, progress_json(held.done, held.total, held.note)});
  held.sent = now;
  return frame;
}

}  // namespace flowrra
