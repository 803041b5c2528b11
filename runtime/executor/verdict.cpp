#include "executor/verdict.hpp"

#include <signal.h>

#include <cstdio>

namespace flowrra {
namespace {

AttemptEnd end_of(CallEnd end) {
  switch (end) {
    case CallEnd::success:
      return AttemptEnd::success;
    case CallEnd::failure:
      return AttemptEnd::failure;
    case CallEnd::permanent:
      return AttemptEnd::permanent;
    case CallEnd::cancelled:
      return AttemptEnd::cancelled;
    case CallEnd::unknown:
      return AttemptEnd::bystander;
    case CallEnd::unbegun:
      return AttemptEnd::released;
  }
  return AttemptEnd::failure;
}

std::string error_code(AttemptEnd end) {
  switch (end) {
    case AttemptEnd::permanent:
      return "permanent";
    case AttemptEnd::timeout:
      return "timeout";
    case AttemptEnd::cancelled:
      return "cancelled";
    case AttemptEnd::crash:
      return "crash";
    case AttemptEnd::bystander:
    case AttemptEnd::suspect:
      return "lost";
    default:
      return "error";
  }
}

std::string seconds_text(Micros time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", static_cast<double>(time.count()) / 1e6);
  return text;
}

}  // namespace

AttemptReport report_finished(Lease& lease, FinishedFrame frame, const Doom* doom) {
  AttemptReport report;
  report.end = end_of(frame.end);
  if (frame.cpu_s > 0 || frame.max_rss > 0) report.resources = Resources{frame.cpu_s, frame.max_rss};
  if (report.end == AttemptEnd::success) {
    report.lease = std::move(lease);
    report.result = std::move(frame.text);
    return report;
  }
  report.lease = lease;
  if (report.end == AttemptEnd::released) return doom != nullptr ? report_doom(lease, *doom) : report;
  if (report.end == AttemptEnd::cancelled && doom != nullptr) {
    report.end = doom->end;
    frame.text = doom->message;
  } else if (report.end == AttemptEnd::cancelled) {
    report.end = AttemptEnd::failure;  // it gave up although nobody had asked
  }
  report.error = TaskError{error_code(report.end), std::move(frame.text), {}};
  if (frame.retry_after_us >= 0) report.retry_after = Micros(frame.retry_after_us);
  return report;
}

AttemptReport report_crash(const Job& job, const Crash& crash) {
  AttemptReport report;
  report.lease = job.leased.lease;
  report.end = AttemptEnd::crash;
  TaskError error{"crash", "its host " + describe(crash.end) + " while it ran", to_json(crash.report)};
  if (crash.end.signalled && crash.end.code == SIGXCPU && job.options.cpu_time) {
    report.end = AttemptEnd::timeout;
    error.code = "cpu_time";
    error.message = "used more than its cpu time of " + seconds_text(*job.options.cpu_time);
  } else if (crash.end.signalled && crash.end.code == SIGXFSZ) {
    report.end = AttemptEnd::failure;
    error.code = "file_size";
    error.message = "wrote a file beyond its limit";
    if (job.options.file_size) error.message += " of " + std::to_string(*job.options.file_size) + " bytes";
  }
  if (const std::string place = crash_place(crash.report); !place.empty()) error.message += ": in " + place;
  report.error = std::move(error);
  return report;
}

AttemptReport report_doom(const Lease& lease, const Doom& doom) {
  AttemptReport report;
  report.lease = lease;
  report.end = doom.end;
  if (doom.end != AttemptEnd::released) report.error = TaskError{error_code(doom.end), doom.message, {}};
  return report;
}

AttemptReport report_innocent(const Lease& lease, const HostEnd& end, bool suspect) {
  AttemptReport report;
  report.lease = lease;
  report.end = suspect ? AttemptEnd::suspect : AttemptEnd::bystander;
  report.error = TaskError{"lost", "its host " + describe(end.end), {}};
  return report;
}

AttemptReport report_missing(const LeasedTask& leased) {
  AttemptReport report;
  report.lease = leased.lease;
  report.end = leased.suspect ? AttemptEnd::suspect : AttemptEnd::bystander;
  report.error = TaskError{error_code(report.end), "no host of its node has the task any more", {}};
  return report;
}

std::optional<Doom> doom_at_deadline(const Job& job, Micros ran) {
  constexpr Micros kNear = std::chrono::milliseconds(10);
  const Micros timeout = job.options.timeout.value_or(Micros(0));
  if (timeout == Micros(0) || ran + kNear < timeout) return std::nullopt;
  return Doom{AttemptEnd::timeout, timeout_message(timeout)};
}

std::string timeout_message(Micros timeout) { return "ran longer than its timeout of " + seconds_text(timeout); }

}  // namespace flowrra
