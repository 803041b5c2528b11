#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/schema_view.hpp"
#include "app/typed_text.hpp"
#include "base/log.hpp"

namespace flowrra {
namespace {

using nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  text = without_sign(text);
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    if (!all_digits(without_sign(text.substr(e + 1)))) return false;
    text = text.substr(0, e);
  }
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return all_digits(text);
  const std::string_view whole = text.substr(0, dot);
  const std::string_view fraction = text.substr(dot + 1);
  if (whole.empty()) return all_digits(fraction);
  return all_digits(whole) && (fraction.empty() || all_digits(fraction));
}

enum class Read : std::uint8_t { no, yes, too_large };

Read from_digits(std::string_view digits, int base, bool negative, json& out) {
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (stop != end || error == std::errc::invalid_argument) return Read::no;
  constexpr std::uint64_t kMinMagnitude = 1ULL << 63;
  if (error != std::errc{} || (negative && value > kMinMagnitude)) return Read::too_large;
  if (negative) {
    out = static_cast<std::int64_t>(0 - value);
  } else {
    out = value;
  }
  return Read::yes;
}

Read read_integer(std::string_view text, json& out) {
  if (text.starts_with("0o")) return from_digits(text.substr(2), 8, false, out);
  if (text.starts_with("0x")) return from_digits(text.substr(2), 16, false, out);
  const std::string_view digits = without_sign(text);
  return all_digits(digits) ? from_digits(digits, 10, text.front() == '-', out) : Read::no;
}

Read read_float(std::string_view text, json& out) {
  if (!is_float(text)) return Read::no;
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool fits = error == std::errc{} && std::isfinite(value);
  out = value;
  return fits ? Read::yes : Read::too_large;
}

bool read_word(std::string_view text, json& out) {
  constexpr std::array<std::string_view, 4> kNulls{"null", "Null", "NULL", "~"};
  constexpr std::array<std::string_view, 3> kTrues{"true", "True", "TRUE"};
  constexpr std::array<std::string_view, 3> kFalses{"false", "False", "FALSE"};
  if (one_of(text, kNulls)) {
    out = nullptr;
  } else if (one_of(text, kTrues)) {
    out = true;
  } else if (one_of(text, kFalses)) {
    out = false;
  } else {
    return false;
  }
  return true;
}

bool is_unbounded(std::string_view text) {
  constexpr std::array<std::string_view, 3> kInfinities{".inf", ".Inf", ".INF"};
  constexpr std::array<std::string_view, 3> kNans{".nan", ".NaN", ".NAN"};
  return one_of(without_sign(text), kInfinities) || one_of(text, kNans);
}

Error not_in_json(const std::string& text, const char* why) {
  return {Code::invalid, log::escaped(text.substr(0, 60)) + " " + why, "Put it in quotes to send it as text."};
}

}  // namespace

Status plain_value(const std::string& text, const json& schema, json& out) {
  const Types types = accepted(schema);
  const bool may_be_text = (types & kString) != 0;
  const bool any = types == kAnything;
  out = text;
  if (wants_text(schema)) return {};
  json value;
  Read read = read_word(text, value) ? Read::yes : read_integer(text, value);
  if (read == Read::too_large && !any && (types & kNumber) != 0) read = Read::no;  // as a float, then
  if (read == Read::no) read = read_float(text, value);
  const bool unbounded = is_unbounded(text);
  if (unbounded || read == Read::too_large) {
    if (may_be_text && !any) return {};
    return not_in_json(text, unbounded ? "cannot be written in JSON" : "is beyond what JSON numbers carry here");
  }
  if (read == Read::no) return {};
  // A value that the schema refuses, where it accepts text, was meant as text.
  const bool fits = (type_of(value) & types) != 0 || (value.is_number_float() && (types & kInteger) != 0);
  if (fits || !may_be_text) out = std::move(value);
  return {};
}

}  // namespace flowrra
