#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"

namespace flowrra {

// The text that a single word stands for: standard input for "-", the file's content for "@FILE" where FILE exists;
// nothing for any other word. Errors: too_large, denied, not_found.
Result<std::optional<std::string>> whole_text(const std::string& word);

}  // namespace flowrra
