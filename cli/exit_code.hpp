#pragma once

#include "base/result.hpp"
#include "task/state.hpp"

namespace flowrra::cli {

// What the commands exit with. Scripts rely on the numbers.
enum ExitCode : int {
  kOk = 0,
  kError = 1,
  kUsage = 2,        // the command line or the configuration makes no sense
  kNotFound = 3,     // no such id, task name or file
  kTaskFailed = 4,   //
  kCancelled = 5,    // the task was cancelled, or expired
  kRejected = 6,     // arguments that do not fit, a limit, a duplicate
  kUnreachable = 7,  // the store cannot be used
  kDenied = 8,
  kTimedOut = 124,     // as timeout(1)
  kInterrupted = 130,  // as a shell reports SIGINT
};

ExitCode exit_code(Code code);

// What a task's end means for a command that waited for it; kOk for a task that has not ended.
ExitCode exit_code(State state);

}  // namespace flowrra::cli
