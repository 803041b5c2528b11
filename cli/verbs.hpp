#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "shell.hpp"

namespace flowrra::cli {

// What a command that is a noun can do: `flowrra queue pause mail`. The rest of the words belongs to the verb.
struct Verb {
  std::string name;
  std::function<Result<int>(const Shell& shell, const std::vector<std::string>& words)> run;
};

// Runs the verb that the first word names. Code::usage when there is none or it is not known; the hint names the
// nearest.
Result<int> run_verb(const Shell& shell, const std::string& noun, const std::vector<Verb>& verbs);

}  // namespace flowrra::cli
