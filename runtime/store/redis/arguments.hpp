#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace flowrra::redis {

// The arguments of one call of a script, in order. Texts are looked at until the call is made, not copied.
class Arguments {
 public:
  Arguments() = default;
  Arguments(Arguments&&) noexcept = default;
  Arguments& operator=(Arguments&&) noexcept = default;
  Arguments(const Arguments&) = delete;  // its words would be the other's
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments() = default;

  Arguments& add(std::string_view text) {
    words_.push_back(text);
    return *this;
  }
  Arguments& add(bool flag) { return add(std::string_view(flag ? "1" : "0")); }
  template <std::integral Number>
  Arguments& add(Number number) {
    return own(std::to_string(number));
  }
  Arguments& add(Micros duration) { return add(duration.count()); }
  Arguments& own(std::string text) { return add(std::string_view(kept_.emplace_back(std::move(text)))); }
  Arguments& add(const char* text) { return add(std::string_view(text)); }

  // All of another's, which is empty afterwards.
  Arguments& take(Arguments other) {
    words_.insert(words_.end(), other.words_.begin(), other.words_.end());
    others_.push_back(std::move(other.kept_));
    return *this;
  }

  [[nodiscard]] std::span<const std::string_view> words() const { return words_; }

 private:
  std::vector<std::string_view> words_;
  std::deque<std::string> kept_;  // what nobody else holds; a deque does not move its elements
  std::deque<std::deque<std::string>> others_;
};

}  // namespace flowrra::redis
