#pragma once

// What a running task can ask and tell.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "flowrra/errors.hpp"
#include "flowrra/plugin.h"

namespace flowrra::inline sdk {

namespace detail {
inline flowrra_bytes bytes(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(flowrra_bytes bytes) { return {bytes.data, bytes.size}; }
}  // namespace detail

// One attempt of one task. Valid until the task's function returns; until then every thread that the task starts may
// use it, all of them at once.
class Context {
 public:
  Context(const flowrra_host& host, flowrra_call* call) : host_(host), call_(call) {}
  // Also cancelled once `stop` is set. Borrows it.
  Context(const flowrra_host& host, flowrra_call* call, const std::atomic<bool>* stop)
      : host_(host), call_(call), stop_(stop) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] std::string_view id() const { return detail::view(host_.task_id(call_)); }
  // 1 for the first attempt.
  [[nodiscard]] int attempt() const { return host_.attempt(call_); }

  // Until the attempt's deadline, zero when it has passed; nothing when there is none.
  [[nodiscard]] std::optional<std::chrono::milliseconds> time_left() const {
    const std::int64_t left = host_.time_left_ms(call_);
    if (left == INT64_MAX) return std::nullopt;
    return std::chrono::milliseconds(left);
  }
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const {
    const auto left = time_left();
    if (!left) return std::nullopt;
    return std::chrono::steady_clock::now() + *left;
  }

  // Whether the task should stop: it was cancelled, or its deadline has passed. A long computation looks now and then.
  [[nodiscard]] bool cancelled() const { return (stop_ != nullptr && *stop_) || host_.is_cancelled(call_) != 0; }
  void throw_if_cancelled() const {
    if (cancelled()) throw Cancelled();
  }

  // How far the task is; only the newest is kept. total 0: unknown.
  void progress(double done, double total = 0, std::string_view note = {}) {
    host_.progress(call_, done, total, detail::bytes(note));
  }

  // One line in the node's log.
  void debug(std::string_view text) { host_.log(call_, FLOWRRA_LOG_DEBUG, detail::bytes(text)); }
  void info(std::string_view text) { host_.log(call_, FLOWRRA_LOG_INFO, detail::bytes(text)); }
  void warning(std::string_view text) { host_.log(call_, FLOWRRA_LOG_WARNING, detail::bytes(text)); }
  void error(std::string_view text) { host_.log(call_, FLOWRRA_LOG_ERROR, detail::bytes(text)); }

  // A further table of the host by its id, as plugin.h names them; null where this host has none.
  template <class Table>
  [[nodiscard]] const Table* extension(const char* id) const {
    return static_cast<const Table*>(host_.extension(id));
  }

 protected:
  const flowrra_host& host_;
  flowrra_call* call_;

 private:
  const std::atomic<bool>* stop_ = nullptr;
};

// Of a cpu task: it has a process to itself.
class CpuContext : public Context {
  using Context::Context;
};

// Of an ordinary function that runs as an io task on a thread of the host's pool. Other tasks of the plugin may run at
// the same time on other threads.
class BlockingContext : public Context {
  using Context::Context;
};

}  // namespace flowrra::inline sdk
