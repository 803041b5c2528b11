#pragma once

// Which C++ types travel as JSON, and as what.

#include <chrono>
#include <concepts>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "flowrra/fields.hpp"

namespace flowrra::inline sdk::detail {

using Json = nlohmann::json;

template <class T, class... Others>
inline constexpr bool kOneOf = (std::is_same_v<T, Others> || ...);

template <class T>
concept Integer = std::integral<T> && !kOneOf<T, bool, char, wchar_t, char8_t, char16_t, char32_t>;

template <class T>
concept String = std::same_as<T, std::string>;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
concept Optional = kIsOptional<T>;

// A number of seconds, or text.
template <class T>
inline constexpr bool kIsDuration = false;
template <class Rep, class Period>
inline constexpr bool kIsDuration<std::chrono::duration<Rep, Period>> = true;
template <class T>
concept Duration = kIsDuration<T>;

template <class T>
concept FilePath = std::same_as<T, std::filesystem::path>;

// The first alternative that fits. One that begins with std::monostate may be left out.
template <class T>
inline constexpr bool kIsVariant = false;
template <class... T>
inline constexpr bool kIsVariant<std::variant<T...>> = true;
template <class T>
concept Variant = kIsVariant<T>;
template <class T>
inline constexpr bool kMayBeNothing = false;
template <class... T>
inline constexpr bool kMayBeNothing<std::variant<std::monostate, T...>> = true;

// What stands for a value that is not given: std::nullopt, std::monostate.
template <class T>
concept Omissible = Optional<T> || kMayBeNothing<T>;

// std::map, std::unordered_map and the like with text as key: a JSON object.
template <class T>
concept Map = !FieldStruct<T> && !std::same_as<T, Json> && requires(T t, std::string key) {
  typename T::mapped_type;
  requires std::same_as<typename T::key_type, std::string>;
  t.insert_or_assign(key, std::declval<typename T::mapped_type>());
};

// std::vector, std::deque, std::list, std::set and the like: a JSON array.
template <class T>
concept Sequence = !FieldStruct<T> && !std::same_as<T, Json> && !String<T> && !FilePath<T> && requires(T t) {
  typename T::value_type;
  requires !requires { typename T::mapped_type; };
  t.insert(t.end(), std::declval<typename T::value_type>());
};

// std::array, std::pair, std::tuple: a JSON array of that length.
template <class T>
concept Tuple = !FieldStruct<T> && requires {
  std::tuple_size<T>::value;
};

// An enum with to_json() and from_json() beside it, as NLOHMANN_JSON_SERIALIZE_ENUM writes them. Without them
// nlohmann-json takes every enum as a number, which is not what an author means.
template <class T>
concept CustomEnum = std::is_enum_v<T> && requires(const Json& json, Json& out, T& value) {
  from_json(json, value);
  to_json(out, std::as_const(value));
};

// A type with to_json() and from_json() of its own, as nlohmann-json defines them, or with an adl_serializer.
template <class T>
concept CustomFrom = CustomEnum<T> ||(std::is_class_v<T> && !std::same_as<T, std::string_view> &&
                                      requires(const Json& json) { json.template get<T>(); });
template <class T>
concept CustomTo = CustomEnum<T> ||(std::is_class_v<T>&& requires(Json& json, const T& value) { json = value; });

template <class T>
consteval bool decodable();
template <class T>
consteval bool encodable();

template <class... T>
consteval bool all_decodable(std::type_identity<std::variant<T...>>) {
  return ((std::same_as<T, std::monostate> || decodable<T>()) && ...);
}
template <class... T>
consteval bool all_encodable(std::type_identity<std::variant<T...>>) {
  return (encodable<T>() && ...);
}
template <class T, std::size_t... I>
consteval bool all_decodable(std::index_sequence<I...>) {
  return (decodable<std::tuple_element_t<I, T>>() && ...);
}
template <class T, std::size_t... I>
consteval bool all_encodable(std::index_sequence<I...>) {
  return (encodable<std::tuple_element_t<I, T>>() && ...);
}

// Whether T can be read from JSON. The members of a struct are checked when its own reader is made.
template <class T>
consteval bool decodable() {
  constexpr bool held = std::is_const_v<T> || std::is_reference_v<T> || std::is_pointer_v<T>;
  constexpr bool simple = std::same_as<T, Json> || std::same_as<T, bool> || Integer<T> || String<T> || NamedEnum<T> ||
                          CustomEnum<T> || Duration<T> || FilePath<T>;
  if constexpr (!held && simple) {
    return true;
  } else if constexpr (held || std::is_enum_v<T> || std::same_as<T, std::string_view>) {
    return false;
  } else if constexpr (std::floating_point<T>) {
    return !std::same_as<T, long double>;
  } else if constexpr (FieldStruct<T>) {
    return std::default_initializable<T>;
  } else if constexpr (Map<T>) {
    return decodable<typename T::mapped_type>();
  } else if constexpr (Optional<T> || Sequence<T>) {
    return decodable<typename T::value_type>();
  } else if constexpr (Variant<T>) {
    return all_decodable(std::type_identity<T>());
  } else if constexpr (Tuple<T>) {
    return all_decodable<T>(std::make_index_sequence<std::tuple_size_v<T>>());
  } else {
    return CustomFrom<T>;
  }
}

// Whether T can be written as JSON: what can be read, and text that somebody else holds.
template <class T>
consteval bool encodable() {
  if constexpr (kOneOf<T, std::string_view, const char*, std::monostate> || std::is_void_v<T>) {
    return true;
  } else if constexpr (Map<T>) {
    return encodable<typename T::mapped_type>();
  } else if constexpr (Optional<T> || Sequence<T>) {
    return encodable<typename T::value_type>();
  } else if constexpr (Variant<T>) {
    return all_encodable(std::type_identity<T>());
  } else if constexpr (Tuple<T>) {
    return all_encodable<T>(std::make_index_sequence<std::tuple_size_v<T>>());
  } else {
    constexpr bool known = FieldStruct<T> || FilePath<T> || Duration<T> || !std::is_class_v<T>;
    return CustomTo<T> || (known && (FieldStruct<T> || decodable<T>()));
  }
}

}  // namespace flowrra::inline sdk::detail
