#pragma once

#include "base/result.hpp"
#include "task/task.hpp"

namespace flowrra {

inline constexpr int kMostRetries = 1000;
inline constexpr std::size_t kMostTags = 64;
inline constexpr std::size_t kLongestTag = 128;  // bytes

// Whether names, options and tags of a new task are what they may be; an empty id is: it is made later. The arguments
// are the schema's matter. Code::invalid, or Code::too_large.
Status check_submission(const NewTask& task);

}  // namespace flowrra
