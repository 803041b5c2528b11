#pragma once

#include <functional>
#include <string>

#include "shell.hpp"
#include "task/task.hpp"

namespace flowrra::cli {

// What became of a task: a word for people and programs ("cancelled").
using IdAction = std::function<Result<std::string>(Client& client, const TaskRecord& record)>;

// Runs the action for the task of each word, which is an id or its beginning, and prints a line for each: ID and word,
// or {"id","outcome"}. What fails is printed on stderr, and the others go on; the exit code is that of the first
// failure.
Result<int> for_each_id(const Shell& shell, const IdAction& action);

}  // namespace flowrra::cli
