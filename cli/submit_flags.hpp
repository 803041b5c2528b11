#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "task/task.hpp"

namespace flowrra::cli {

class Command;

// The flags of submit that say how a task is to be run.
struct SubmitFlags {
  std::string queue = "default";
  int priority = 0;
  std::string delay;
  std::string at;
  std::string expires;
  std::string timeout;
  std::optional<int> max_retries;
  std::string retry_delay;
  std::string backoff;
  std::vector<std::string> tags;

  void add_to(Command& command);

  // A task with these options, without name, id and arguments. Code::usage.
  [[nodiscard]] Result<NewTask> task() const;
};

}  // namespace flowrra::cli
