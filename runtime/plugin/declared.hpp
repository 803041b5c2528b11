#pragma once

#include "base/result.hpp"
#include "plugin/library.hpp"

struct flowrra_task;

namespace flowrra {

// Reads one task as a plugin declared it. Zero means "not said", FLOWRRA_NONE explicitly none. Code::invalid with a
// message that names the task and the field; spec.plugin and spec.plugin_version are left to the caller.
Result<LoadedTask> read_declared(const flowrra_task& task);

}  // namespace flowrra
