#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace flowrra {

// Checks a value against the part of JSON Schema that check_args() promises, and words what does not fit. Only
// schema.cpp uses it.
class SchemaCheck {
 public:
  // Nothing when `value` fits. `path` is where it stands ("sizes[2].width"); empty for the arguments as a whole.
  static std::optional<Error> value(const nlohmann::json& schema, const nlohmann::json& value, const std::string& path);
};

// "the string "cat"", "the number 3", "a list": a value in a message, shortened.
std::string shown(const nlohmann::json& value);

// "an integer", "a string or null", "one of "a", "b"": what a schema wants, in a few words.
std::string wanted(const nlohmann::json& schema);

}  // namespace flowrra
