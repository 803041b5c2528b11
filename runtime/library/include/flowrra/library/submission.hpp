#pragma once

// What is submitted: arguments and options.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "flowrra/encode.hpp"
#include "flowrra/library/errors.hpp"

namespace flowrra::library {

// The arguments of one task, as JSON text: an object by name or an array by position. Made by args(), or of text.
class Arguments {
 public:
  static Arguments of_json(std::string json) { return Arguments(Made{}, std::move(json)); }
  [[nodiscard]] const std::string& json() const { return json_; }

 private:
  struct Made {};  // so that no text in braces is taken for arguments
  Arguments(Made, std::string json) : json_(std::move(json)) {}
  std::string json_;
};

namespace detail {

template <class T>
void append(std::string& json, const T& value) {
  if (json.size() > 1) json += ',';
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    sdk::detail::encode(json, std::string_view(value));
  } else {
    sdk::detail::encode(json, value);
  }
}

}  // namespace detail

// args(2, "x"): values in the order of the task's parameters. args(ThumbnailArgs{…}): one struct with FLOWRRA_FIELDS,
// whose fields are the arguments. Whatever a task can return can be given. ArgumentsError for text that is not UTF-8.
template <class... T>
Arguments args(const T&... values) {
  std::string json;
  try {
    if constexpr (sizeof...(T) == 1 && (sdk::detail::FieldStruct<T> && ...)) {
      (sdk::detail::encode(json, values), ...);
    } else {
      json = "[";
      (detail::append(json, values), ...);
      json += "]";
    }
  } catch (const std::exception& e) {
    throw ArgumentsError("invalid", std::string("the arguments cannot be written as JSON: ") + e.what());
  }
  return Arguments::of_json(std::move(json));
}

// How one task is to be run. What is left out is decided by the operator, by the task's registration and by
// [executor], in this order. Designated initialisers keep this order.
// NOLINTBEGIN(readability-redundant-member-init)
struct Submission {
  enum Backoff : std::uint8_t { exponential, fixed };

  int priority = 0;                                       // lower runs first, over all that waits in the queue
  std::string id = {};                                    // of the submitter's choice: submitted twice it is one task
  std::string queue = {};                                 // default: the first that the configuration names
  std::optional<std::chrono::milliseconds> delay = {};    // not before that
  std::optional<std::chrono::milliseconds> expires = {};  // not begun within that time, it never is
  std::optional<std::chrono::milliseconds> timeout = {};  // of one attempt; 0: none
  std::optional<int> max_retries = {};                    // attempts after the first
  std::optional<std::chrono::milliseconds> retry_delay = {};
  std::optional<Backoff> backoff = {};  // the delay doubles each time, with jitter, or stays
  std::vector<std::string> tags = {};
};
// NOLINTEND(readability-redundant-member-init)

}  // namespace flowrra::library
