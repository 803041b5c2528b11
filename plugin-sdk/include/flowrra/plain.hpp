#pragma once

// Arguments as most are, read without a parser.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <version>

#include "flowrra/types.hpp"

namespace flowrra::inline sdk::detail {

// Lists and objects of ASCII text without escapes, numbers of up to 18 digits without an exponent, true, false and
// null. Anything else is left to nlohmann's parser, which gives the same for these.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : rest_(text) {}

  // Nothing: the text is something else, or so long that it does not matter who reads it, or is no list or object.
  std::optional<Json> whole() {
    if (rest_.size() > kLongest) return std::nullopt;
    Json json;
    skip_blanks();
    const bool good = container(json, kDeepest);
    skip_blanks();
    return good && rest_.empty() ? std::optional(std::move(json)) : std::nullopt;
  }

 private:
  static constexpr std::size_t kLongest = 4096;
  static constexpr std::size_t kMostDigits = 18;  // fit into 64 bits
  static constexpr int kDeepest = 8;

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

  bool container(Json& out, int deeper) {
    if (deeper == 0) return false;
    if (rest_.starts_with('[')) {
      out = Json::array();
      return items('[', ']', [&] { return value(out.emplace_back(), deeper - 1); });
    }
    out = Json::object();
    return items('{', '}', [&] { return member(out, deeper - 1); });
  }

  bool member(Json& object, int deeper) {
    const auto key = text();
    if (!key) return false;
    skip_blanks();
    if (!take(':')) return false;
    skip_blanks();
    return value(object[std::string(*key)], deeper);
  }

  bool value(Json& out, int deeper) {
    if (rest_.empty()) return false;
    switch (rest_.front()) {
      case '"':
        if (const auto read = text()) {
          out = std::string(*read);
          return true;
        }
        return false;
      case '[':
      case '{':
        return container(out, deeper);
      case 't':
        return word("true", true, out);
      case 'f':
        return word("false", false, out);
      case 'n':
        return word("null", nullptr, out);
      default:
        return number(out);
    }
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
    const std::string_view all = rest_;
    const bool negative = take('-');
    const std::string_view whole = digits();
    if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
    const bool decimal = take('.');
    const std::string_view part = decimal ? digits() : std::string_view();
    if (decimal == part.empty() || whole.size() + part.size() > kMostDigits) return false;
    const std::string_view read = all.substr(0, all.size() - rest_.size());
    if (decimal) return read_decimal(read, out);
    if (negative) {
      out = read_as<std::int64_t>(read);
    } else {
      out = read_as<std::uint64_t>(read);
    }
    return true;
  }

  std::string_view digits() {
    const std::string_view read = rest_.substr(0, rest_.find_first_not_of("0123456789"));
    rest_.remove_prefix(read.size());
    return read;
  }

  static bool read_decimal([[maybe_unused]] std::string_view text, [[maybe_unused]] Json& out) {
#ifdef __cpp_lib_to_chars
    out = read_as<double>(text);
    return true;
#else
    return false;  // this library reads whole numbers only
#endif
  }

  template <class Number>
  static Number read_as(std::string_view text) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
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
