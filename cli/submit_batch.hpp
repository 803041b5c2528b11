#pragma once

#include <string>

#include "shell.hpp"
#include "task/task.hpp"

namespace flowrra::cli {

struct BatchRequest {
  std::string file;  // "-": standard input
  NewTask defaults;  // for what lines leave out; `id` is a prefix: with it, line n without an id is ID-n
  bool unchecked = false;
};

// Queues a task for each line of the file. Prints an id for each, as soon as it is durable; with json formats the fate
// of each line: {"line","id","outcome","error"}. What is refused is named on stderr, and the others go on. The exit
// code is kOk, or kRejected when a line was refused. An error says from which line on nothing is known, or after which
// line the input could not be read or somebody interrupted it: what was read until then is queued and reported.
Result<int> submit_batch(const Shell& shell, BatchRequest request);

}  // namespace flowrra::cli
