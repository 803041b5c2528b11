#include "task/plain_json.hpp"

namespace flowrra {
namespace {

class Scan {
 public:
  explicit Scan(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool whole(int depth) {
    skip_blanks();
    if (!value(depth)) return false;
    skip_blanks();
    return at_ == end_;
  }

 private:
  static constexpr std::ptrdiff_t kLongestNumber = 300;  // characters: none such is out of a double's range

  [[nodiscard]] bool next_is(char c) const { return at_ != end_ && *at_ == c; }
  [[nodiscard]] bool at_digit() const { return at_ != end_ && *at_ >= '0' && *at_ <= '9'; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  // Recursion is bounded by depth.
  bool value(int depth) {  // NOLINT(misc-no-recursion)
    if (at_ == end_) return false;
    switch (*at_) {
      case '"':
        return string();
      case '[':
        return depth > 0 && list(depth - 1);
      case '{':
        return depth > 0 && object(depth - 1);
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool list(int depth) {  // NOLINT(misc-no-recursion)
    return items(']', [this, depth] { return value(depth); });
  }
  bool object(int depth) {  // NOLINT(misc-no-recursion)
    return items('}', [this, depth] { return member(depth); });
  }

  bool member(int depth) {  // NOLINT(misc-no-recursion)
    if (!next_is('"') || !string()) return false;
    skip_blanks();
    if (!take(':')) return false;
    skip_blanks();
    return value(depth);
  }

  // From the opening bracket to the closing one.
  template <typename Item>
  bool items(char end, Item item) {  // NOLINT(misc-no-recursion)
    ++at_;
    skip_blanks();
    if (take(end)) return true;
    do {
      skip_blanks();
      if (!item()) return false;
      skip_blanks();
    } while (take(','));
    return take(end);
  }

  bool string() {
    ++at_;
    for (; at_ != end_; ++at_) {
      const auto byte = static_cast<unsigned char>(*at_);
      if (byte == '"') {
        ++at_;
        return true;
      }
      if (byte < 0x20 || byte >= 0x80) return false;
      if (byte != '\\') continue;
      ++at_;
      if (at_ == end_ || std::string_view("\"\\/bfnrt").find(*at_) == std::string_view::npos) return false;
    }
    return false;
  }

  bool number() {
    const char* begin = at_;
    take('-');
    if (!at_digit()) return false;
    if (!take('0')) skip_digits();
    if (take('.')) {
      if (!at_digit()) return false;
      skip_digits();
    }
    return at_ - begin <= kLongestNumber;
  }
  void skip_digits() {
    while (at_digit()) ++at_;
  }

  bool word(std::string_view wanted) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

bool plainly_json(std::string_view text, int depth) { return Scan(text).whole(depth); }

}  // namespace flowrra
