#pragma once

#include <flowrra/library/task_result.hpp>
#include <string>

#include "task/spec.hpp"

namespace flowrra::library {

// The arguments as they are stored: by position, by name, or, where both are given, all by name as the spec names them.
// Throws ArgumentsError.
std::string join_arguments(const TaskSpec& spec, const Json& args, const Json& kwargs);

}  // namespace flowrra::library
