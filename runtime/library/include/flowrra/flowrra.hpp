#pragma once

// Flowrra as a library: all that a program needs to run its own functions as tasks, or to submit tasks to others.
// docs/library.md is the tour.
//
//   config.hpp: where the stores are · registry.hpp: functions as tasks · host.hpp: the first line of main() ·
//   app.hpp and executor.hpp: submit, run, wait · task_result.hpp: what came of it · errors.hpp: what is thrown.
//   From the plugin SDK: context.hpp, async.hpp, fields.hpp, errors.hpp.

#include "flowrra/async.hpp"
#include "flowrra/context.hpp"
#include "flowrra/errors.hpp"
#include "flowrra/fields.hpp"
#include "flowrra/library/app.hpp"
#include "flowrra/library/config.hpp"
#include "flowrra/library/errors.hpp"
#include "flowrra/library/executor.hpp"
#include "flowrra/library/host.hpp"
#include "flowrra/library/registry.hpp"
#include "flowrra/library/submission.hpp"
#include "flowrra/library/task_result.hpp"
#include "flowrra/register.hpp"

namespace flowrra {

using library::App;
using library::args;
using library::Arguments;
using library::Config;
using library::CpuExecutor;
using library::Executor;
using library::IoExecutor;
using library::Json;
using library::Kind;
using library::kStopTimeout;
using library::run_host_if_asked;
using library::Submission;
using library::TaskRegistry;
using library::TaskResult;
using library::TaskState;
using library::to_string;

using library::ArgumentsError;
using library::ConfigError;
using library::DuplicateError;
using library::ExecutorNotRunningError;
using library::FlowrraError;
using library::HostError;
using library::QueueFullError;
using library::StoreError;
using library::TaskFailedError;
using library::TaskNotFoundError;
using library::TimeoutError;
using library::TypeError;
using library::UnknownIdError;

}  // namespace flowrra
