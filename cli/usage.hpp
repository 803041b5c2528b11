#pragma once

#include <string>
#include <vector>

namespace flowrra::cli {

// What may stand behind `words` by a command's usage ("ls|pause [QUEUE...]", "ls [FILE...] | inspect FILE"): words that
// are written as they stand ("ls") and names of what is meant ("QUEUE").
std::vector<std::string> next_in_usage(const std::string& usage, const std::vector<std::string>& words);

}  // namespace flowrra::cli
