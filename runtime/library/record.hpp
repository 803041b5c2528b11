#pragma once

#include <flowrra/library/task_result.hpp>

#include "task/task.hpp"

namespace flowrra::library {

TaskResult result_of(TaskRecord record);

}  // namespace flowrra::library
