#include "library/raise.hpp"

#include <flowrra/library/errors.hpp>

namespace flowrra::library {

void raise(const flowrra::Error& error) {
  switch (error.code) {
    case Code::config:
    case Code::usage:
    case Code::not_found:  // a file or program that the configuration names
      raise_as<ConfigError>(error);
    case Code::invalid:
    case Code::too_large:
      raise_as<ArgumentsError>(error);
    case Code::queue_full:
      raise_as<QueueFullError>(error);
    case Code::duplicate:
      raise_as<DuplicateError>(error);
    case Code::timed_out:
      raise_as<TimeoutError>(error);
    case Code::task_failed:
    case Code::cancelled:
      raise_as<TaskFailedError>(error);
    case Code::interrupted:
      raise_as<ExecutorNotRunningError>(error);
    default:
      raise_as<StoreError>(error);
  }
}

}  // namespace flowrra::library
