#pragma once

#include <flowrra/plugin.h>

#include <string_view>

#include "host/call.hpp"
#include "plugin/library.hpp"

namespace flowrra {

// Hands an attempt to its plugin. No exception may pass: the process ends where it was thrown, and the marked call is
// charged.
inline void run_task(const LoadedTask& task, flowrra_call& call, std::string_view args) noexcept {
  if (args.empty()) args = "{}";
  task.run(task.data, &call, flowrra_bytes{args.data(), args.size()});
}

}  // namespace flowrra
