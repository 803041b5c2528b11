#pragma once

// Arguments as most are, read without a parser.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "flowrra/types.hpp"

namespace flowrra::inline sdk::detail {

// A list or an object whose values are ASCII text without escapes, whole numbers of up to 18 digits, true, false and
// null. Anything else is left to nlohmann's parser, which gives the same for these.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : rest_(text) {}

  // Nothing: the text is something else.
  std::optional<Json> whole() {
    skip_blanks();
    const bool list = !rest_.empty() && rest_.front() == '[';
    Json json = list ? Json::array() : Json::object();
    const bool good = list ? items('[', ']', [&] { return value(json.emplace_back()); })
                           : items('{', '}', [&] { return member(json); });
    skip_blanks();
    return good && rest_.empty() ? std::optional(std::move(json)) : std::nullopt;
  }

 private:
  static constexpr std::size_t kMostDigits = 18;  // fit into 64 bits

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size())); }

  template <class Item>
  bool items(char begin, char end, Item item) {
    if (!take(begin)) return false;
    skip_blanks();
    if (take(end)) return true;
    do {
      skip_blanks();
      if (!item()) return false;
      skip_blanks();
    } while (take(','));
    return take(end);
  }

  bool member(Json& object) {
    const auto key = text();
    if (!key) return false;
    skip_blanks();
    if (!take(':')) return false;
    skip_blanks();
    return value(object[std::string(*key)]);
  }

  bool value(Json& out) {
    if (const auto read = text()) {
      out = std::string(*read);
      return true;
    }
    return number(out) || word("true", true, out) || word("false", false, out) || word("null", nullptr, out);
  }

  std::optional<std::string_view> text() {
    if (!take('"')) return std::nullopt;
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] >= ' ' && rest_[size] < 0x7f && rest_[size] != '"' && rest_[size] != '\\')
      ++size;
    const std::string_view read = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return take('"') ? std::optional(read) : std::nullopt;
  }

  bool number(Json& out) {
    const std::size_t sign = rest_.starts_with('-') ? 1 : 0;
    const std::size_t size = std::min(rest_.find_first_not_of("0123456789", sign), rest_.size());
    const std::string_view digits = rest_.substr(sign, size - sign);
    if (digits.empty() || digits.size() > kMostDigits || (digits.size() > 1 && digits.front() == '0')) return false;
    std::int64_t number = 0;
    std::from_chars(rest_.data(), rest_.data() + size, number);
    rest_.remove_prefix(size);
    if (sign > 0) {
      out = number;
    } else {
      out = static_cast<std::uint64_t>(number);
    }
    return true;
  }

  template <class Value>
  bool word(std::string_view word, Value value, Json& out) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    out = value;
    return true;
  }

  std::string_view rest_;
};

}  // namespace flowrra::inline sdk::detail
