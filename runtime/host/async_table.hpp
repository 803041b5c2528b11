#pragma once

#include <uv.h>

#include <string_view>

#include "host/blocking_pool.hpp"
#include "host/fd_waits.hpp"
#include "host/io_call.hpp"
#include "host/loop_marks.hpp"
#include "host/sleepers.hpp"

namespace flowrra {

// What the tables FLOWRRA_EXT_ASYNC and FLOWRRA_EXT_LOOP stand on.
struct LoopServices {
  uv_loop_t* loop = nullptr;
  Sleepers* sleepers = nullptr;
  BlockingPool* pool = nullptr;
  FdWaits* fds = nullptr;
  LoopMarks* marks = nullptr;
};

// Fills the tables of this process. [loop thread, before a plugin is loaded]
void bind_async_table(const LoopServices& services);
// One of the two tables, or null. [any thread]
const void* async_extension(std::string_view id);

// Calls what the plugin registered with on_cancel(), once. [loop thread]
void notify_cancelled(IoCall& call) noexcept;

}  // namespace flowrra
