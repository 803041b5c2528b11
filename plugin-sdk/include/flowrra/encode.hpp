#pragma once

// C++ values as JSON text.

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "flowrra/errors.hpp"
#include "flowrra/types.hpp"

namespace flowrra::inline sdk::detail {

template <class T>
void encode(std::string& out, const T& value);

inline void encode_text(std::string& out, std::string_view text) {
  const auto plain = [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; };
  std::size_t i = 0;
  while (i < text.size() && plain(text[i])) ++i;
  if (i < text.size()) {
    out += Json(text).dump();  // throws when it is not UTF-8
  } else {
    out.append(1, '"').append(text).append(1, '"');
  }
}

template <Integer T>
void encode_integer(std::string& out, T value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out.append(digits, end);
}

template <NamedEnum T>
void encode_enum(std::string& out, T value) {
  for (const auto& known : flowrra_enumerators(Tag<T>{}))
    if (known.value == value) return encode_text(out, known.name);
  throw Permanent("an enum value that FLOWRRA_ENUM does not name cannot be written as JSON");
}

template <FieldStruct T>
void encode_struct(std::string& out, const T& value) {
  out += '{';
  for_each_field<T>([&](const auto& field, std::size_t index) {
    if (index > 0) out += ',';
    encode_text(out, field.name);
    out += ':';
    encode(out, value.*field.member);
  });
  out += '}';
}

template <Map T>
void encode_map(std::string& out, const T& value) {
  out += '{';
  bool first = true;
  for (const auto& [key, element] : value) {
    if (!std::exchange(first, false)) out += ',';
    encode_text(out, key);
    out += ':';
    encode(out, element);
  }
  out += '}';
}

template <class T>
void encode_tuple(std::string& out, const T& value) {
  out += '[';
  std::apply(
      [&](const auto&... element) {
        std::size_t index = 0;
        ((index++ > 0 ? void(out += ',') : void(), encode(out, element)), ...);
      },
      value);
  out += ']';
}

// JSON has no NaN and no infinity, and null in their place would pass for a result.
inline void encode_number(std::string& out, double value) {
  if (!std::isfinite(value)) throw Permanent("the result cannot be written as JSON: a number is not finite");
  out += Json(value).dump();
}

// Appends `value` to `out`. Throws nlohmann's exception for text that is not UTF-8, Permanent for NaN and infinity.
template <class T>
void encode(std::string& out, const T& value) {
  static_assert(encodable<T>(), "flowrra: this type cannot be written as JSON");
  if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (Integer<T>) {
    encode_integer(out, value);
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view> ||
                       std::same_as<T, const char*>) {
    encode_text(out, value);
  } else if constexpr (std::floating_point<T>) {
    encode_number(out, static_cast<double>(value));
  } else if constexpr (NamedEnum<T>) {
    encode_enum(out, value);
  } else if constexpr (FilePath<T>) {
    encode_text(out, value.native());
  } else if constexpr (Duration<T>) {
    encode_number(out, std::chrono::duration_cast<std::chrono::duration<double>>(value).count());
  } else if constexpr (Variant<T>) {
    std::visit([&](const auto& held) { encode(out, held); }, value);
  } else if constexpr (std::same_as<T, std::monostate>) {
    out += "null";
  } else if constexpr (FieldStruct<T>) {
    encode_struct(out, value);
  } else if constexpr (Optional<T>) {
    value ? encode(out, *value) : void(out += "null");
  } else if constexpr (Map<T>) {
    encode_map(out, value);
  } else if constexpr (Sequence<T>) {
    out += '[';
    bool first = true;
    for (const auto& element : value) {
      if (!std::exchange(first, false)) out += ',';
      encode<typename T::value_type>(out, element);
    }
    out += ']';
  } else if constexpr (Tuple<T>) {
    encode_tuple(out, value);
  } else {
    out += Json(value).dump();
  }
}

// The result of a task as JSON. Permanent when it cannot be written.
template <class T>
std::string to_result(const T& value) {
  std::string out;
  try {
    encode(out, value);
  } catch (const Json::exception& e) {
    throw Permanent(std::string("the result cannot be written as JSON: ") + e.what());
  }
  return out;
}

}  // namespace flowrra::inline sdk::detail
