#pragma once

// Where in the arguments a value stands, and how it is refused there.

#include <cstddef>
#include <string>
#include <string_view>

#include "flowrra/errors.hpp"
#include "flowrra/types.hpp"

namespace flowrra::inline sdk::detail {

// A value's place: "sizes[2].width". Lives on the stack while the value is read.
struct Path {
  const Path* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;  // of an array's element; the key is empty then

  [[nodiscard]] Path member(std::string_view name) const { return {this, name, 0}; }
  [[nodiscard]] Path element(std::size_t i) const { return {this, {}, i}; }

  [[nodiscard]] std::string text() const {
    if (parent == nullptr) return {};
    std::string out = parent->text();
    if (key.empty()) return out + "[" + std::to_string(index) + "]";
    return out.empty() ? std::string(key) : out + "." + std::string(key);
  }
  [[nodiscard]] std::string prefix() const {
    const std::string place = text();
    return (place.empty() ? "arguments" : place) + ": ";
  }

  [[noreturn]] void refuse(const std::string& problem) const { throw Permanent(prefix() + problem); }

  // "must be a string, not 7"
  [[noreturn]] void refuse(const std::string& wanted, const Json& got, const std::string& hint = {}) const {
    std::string shown = got.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (shown.size() > 40) shown = shown.substr(0, 37) + "...";
    refuse("must be " + wanted + ", not " + shown + hint);
  }
};

}  // namespace flowrra::inline sdk::detail
