#include "exit_code.hpp"

namespace flowrra::cli {

ExitCode exit_code(Code code) {
  switch (code) {
    case Code::usage:
    case Code::config:
      return kUsage;
    case Code::not_found:
      return kNotFound;
    case Code::task_failed:
      return kTaskFailed;
    case Code::cancelled:
      return kCancelled;
    case Code::invalid:
    case Code::too_large:
    case Code::queue_full:
    case Code::duplicate:
      return kRejected;
    case Code::busy:
    case Code::unreachable:
    case Code::corrupt:
    case Code::newer_version:
      return kUnreachable;
    case Code::denied:
      return kDenied;
    case Code::timed_out:
      return kTimedOut;
    case Code::interrupted:
      return kInterrupted;
    case Code::internal:
    case Code::stale:
      break;
  }
  return kError;
}

ExitCode exit_code(State state) {
  switch (state) {
    case State::failed:
      return kTaskFailed;
    case State::cancelled:
    case State::expired:
      return kCancelled;
    default:
      return kOk;
  }
}

}  // namespace flowrra::cli
