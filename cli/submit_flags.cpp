#include "submit_flags.hpp"

#include "base/log.hpp"
#include "command.hpp"
#include "flags.hpp"

namespace flowrra::cli {

void SubmitFlags::add_to(Command& command) {
  command.option("--queue", queue, "queue to put it in [default]", "NAME");
  command.option("--priority", priority, "lower runs first [0]", "N");
  command.option("--delay", delay, "not before so long from now: 90, 1.5, 250ms, 10s, 5m, 2h, 1d", "TIME");
  command.option("--at", at, "not before: \"2026-01-31 08:15\" (local) or RFC 3339", "WHEN");
  command.option("--expires", expires, "an attempt that has not begun so long from now never does", "TIME");
  command.option("--timeout", timeout, "of one attempt", "TIME");
  command.option("--max-retries", max_retries, "attempts after the first", "N", Command::Bounds{0, 1000});
  command.option("--retry-delay", retry_delay, "before the first retry", "TIME");
  command.option("--backoff", backoff, "how the delay grows: exponential (with jitter) or fixed", "KIND");
  command.again("--tag", tags, "a word to find it by; may be given again", "TAG");
}

Result<NewTask> SubmitFlags::task() const {
  NewTask task;
  task.queue = queue;
  task.priority = priority;
  task.options.max_retries = max_retries;
  task.tags = tags;
  const std::tuple<const char*, const std::string&, std::optional<Micros>&> durations[] = {
      {"--delay", delay, task.delay},
      {"--expires", expires, task.expires},
      {"--timeout", timeout, task.options.timeout},
      {"--retry-delay", retry_delay, task.options.retry_delay}};
  for (const auto& [flag, text, into] : durations) {
    auto duration = duration_flag(flag, text);
    if (!duration) return duration.error();
    into = *duration;
  }
  auto when = time_flag("--at", at);
  if (!when) return when.error();
  if (task.delay && *when) return Error{Code::usage, "--delay and --at exclude each other", {}};
  task.at = *when;
  if (!backoff.empty()) {
    task.options.backoff = parse_backoff(backoff);
    if (!task.options.backoff) {
      return Error{Code::usage, "--backoff '" + log::escaped(backoff) + "' is not known", "Use exponential or fixed."};
    }
  }
  return task;
}

}  // namespace flowrra::cli
