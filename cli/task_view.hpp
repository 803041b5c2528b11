#pragma once

#include <string>
#include <vector>

#include "output.hpp"
#include "task/task.hpp"

namespace flowrra::cli {

Color color_of(State state);

// "2026-01-31 08:15:00" in local time.
std::string local_time(WallTime time);

// A task for people: a block of lines with its state, its times and what came out.
std::string task_block(const TaskRecord& record);

// A line for each task; `wide` adds priority, crashes, node and submission time.
std::string task_table(const std::vector<TaskRecord>& records, bool wide);

// Prints the task as the format asks, and on stderr why it did not succeed. The exit code that says how it ended;
// kOk for a task that has not, except with Format::value, which then has nothing to print. Code::corrupt when the
// stored result is damaged.
Result<int> print_task(const TaskRecord& record, Format format);

}  // namespace flowrra::cli
