#pragma once

#include <string>
#include <string_view>

#include "executor/executor.hpp"
#include "host/frame.hpp"
#include "task/log_lines.hpp"

namespace flowrra {

// Writes what a task logged through its context to the node's log, with its name and id.
void log_task(const Job& job, const LogFrame& frame);

// Writes a line that a host printed; `job` is what ran there, or null.
void log_output(const std::string& host, const Job* job, std::string_view line);

// The same as lines of the task's own log.
LogLine task_line(const Job& job, const LogFrame& frame, WallTime now);
LogLine output_line(const Job& job, std::string_view line, WallTime now);

}  // namespace flowrra
