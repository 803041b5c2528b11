#pragma once

#include <string_view>

#include "base/result.hpp"
#include "task/task.hpp"

namespace flowrra {

// One line of a batch file as a task: a JSON object with the keys
//   task, args (an object by name or a list by position; none: no arguments), id, queue, priority, delay, at, expires,
//   timeout, max_retries, retry_delay, backoff, tags.
// Durations are seconds or text with a unit, `at` is RFC 3339. What the line leaves out is taken from `defaults`.
// Of a repeated key the last counts. Errors: invalid, the message naming the key. Checks the form alone: complete()
// checks the names and arguments.
Result<NewTask> read_batch_line(std::string_view line, const NewTask& defaults);

}  // namespace flowrra
