#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace flowrra {

// Bounds on arguments and results.
inline constexpr std::size_t kMaxArgsBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxResultBytes = std::size_t{1024} * 1024;
inline constexpr int kMaxDepth = 64;

// Checks that `json` is well-formed UTF-8 JSON of at most `max_bytes` bytes and kMaxDepth levels.
// Code::invalid or Code::too_large. `what` names it in messages: "arguments", "result".
Status check_json(std::string_view json, std::size_t max_bytes, std::string_view what);

// Checks `args` (JSON bytes) against a task's JSON Schema. An array counts as the arguments in the order of
// `arguments`. Understands what the SDK generates: type (one or a list), properties, required, additionalProperties,
// items, prefixItems, minItems, maxItems, minimum, maximum, multipleOf, minLength, maxLength, enum, const, anyOf, and
// the format "flowrra-duration" (text that parse_duration() reads; the bounds of numbers hold for its seconds); other
// keywords are ignored. Code::invalid, the message naming the argument's path ("sizes[2].width: …").
Status check_args(std::string_view schema, const std::vector<std::string>& arguments, std::string_view args);

// Whether both are the same arguments: a list counts as those in the order of `arguments`, and how they are written
// does not count. False where one of them is no JSON.
bool same_args(std::string_view one, std::string_view other, const std::vector<std::string>& arguments);

// check_args() for many arguments of one task: the schema is read once.
class ArgsCheck {
 public:
  ArgsCheck(std::string_view schema, std::vector<std::string> arguments);
  ArgsCheck(ArgsCheck&&) noexcept;
  ArgsCheck& operator=(ArgsCheck&&) noexcept;
  ~ArgsCheck();
  [[nodiscard]] Status check(std::string_view args) const;  // [any thread]

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flowrra
