#pragma once

// How a struct or an enum tells its members' names.
//
//   struct ThumbnailArgs { std::string path; int width = 256; std::optional<int> quality; };
//   FLOWRRA_FIELDS(ThumbnailArgs, path, width, quality);
//
//   enum class Fit { inside, cover };
//   FLOWRRA_ENUM(Fit, inside, cover);
//
// Write them in the namespace of the type, outside of any class or function, after the type.
//
// A field is required in JSON unless it is a std::optional, a container, or its default in a new struct differs from
// the type's own (`width` above). FLOWRRA_OPTIONAL(ThumbnailArgs, offset) makes a field optional although its default
// is the type's own, as in `int offset = 0;`.

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace flowrra::inline sdk {

// Finds the functions that the macros below write, in the namespace of T.
template <class T>
struct Tag {};

template <class Struct, class Member>
struct Field {
  using Type = Member;
  const char* name;
  Member Struct::*member;
};
template <class Struct, class Member>
Field(const char*, Member Struct::*) -> Field<Struct, Member>;

template <class Enum>
struct Enumerator {
  const char* name;
  Enum value;
};

namespace detail {

template <class T>
concept FieldStruct = std::is_class_v<T> && requires {
  flowrra_fields(Tag<T>{});
};

template <class T>
concept NamedEnum = std::is_enum_v<T> && requires {
  flowrra_enumerators(Tag<T>{});
};

template <FieldStruct T>
inline constexpr auto kFields = flowrra_fields(Tag<T>{});

template <FieldStruct T>
inline constexpr std::size_t kFieldCount = std::tuple_size_v<decltype(flowrra_fields(Tag<T>{}))>;

// Calls visit(field, index) for each field in order.
template <FieldStruct T, class Visit>
constexpr void for_each_field(Visit&& visit) {
  std::size_t index = 0;
  std::apply([&](const auto&... field) { (visit(field, index++), ...); }, kFields<T>);
}

template <FieldStruct T>
constexpr bool marked_optional(std::string_view name) {
  if constexpr (requires { flowrra_optional_fields(Tag<T>{}); }) {
    for (const std::string_view marked : flowrra_optional_fields(Tag<T>{}))
      if (marked == name) return true;
  }
  return false;
}

}  // namespace detail
}  // namespace flowrra::inline sdk

// FLOWRRA_LIST_(m, a, b, c) is m(a), m(b), m(c); up to 300 names.
#define FLOWRRA_PARENS_ ()
#define FLOWRRA_EXPAND_(...) FLOWRRA_EXPAND3_(FLOWRRA_EXPAND3_(FLOWRRA_EXPAND3_(FLOWRRA_EXPAND3_(__VA_ARGS__))))
#define FLOWRRA_EXPAND3_(...) FLOWRRA_EXPAND2_(FLOWRRA_EXPAND2_(FLOWRRA_EXPAND2_(FLOWRRA_EXPAND2_(__VA_ARGS__))))
#define FLOWRRA_EXPAND2_(...) FLOWRRA_EXPAND1_(FLOWRRA_EXPAND1_(FLOWRRA_EXPAND1_(FLOWRRA_EXPAND1_(__VA_ARGS__))))
#define FLOWRRA_EXPAND1_(...) FLOWRRA_EXPAND0_(FLOWRRA_EXPAND0_(FLOWRRA_EXPAND0_(FLOWRRA_EXPAND0_(__VA_ARGS__))))
#define FLOWRRA_EXPAND0_(...) __VA_ARGS__
#define FLOWRRA_LIST_(macro, ...) __VA_OPT__(FLOWRRA_EXPAND_(FLOWRRA_STEP_(macro, __VA_ARGS__)))
#define FLOWRRA_STEP_(macro, first, ...) \
  macro(first) __VA_OPT__(, FLOWRRA_STEP_AGAIN_ FLOWRRA_PARENS_(macro, __VA_ARGS__))
#define FLOWRRA_STEP_AGAIN_() FLOWRRA_STEP_

#define FLOWRRA_FIELD_(name) \
  ::flowrra::Field { #name, &FlowrraSelf_::name }
#define FLOWRRA_FIELD_NAME_(name) ((void)&FlowrraSelf_::name, ::std::string_view(#name))
#define FLOWRRA_ENUMERATOR_(name) \
  ::flowrra::Enumerator<FlowrraSelf_> { #name, FlowrraSelf_::name }

#define FLOWRRA_FIELDS(type, ...)                                                       \
  [[maybe_unused]] constexpr auto flowrra_fields(::flowrra::Tag<type>) {                \
    using FlowrraSelf_ [[maybe_unused]] = type;                                         \
    return ::std::make_tuple(FLOWRRA_LIST_(FLOWRRA_FIELD_ __VA_OPT__(, ) __VA_ARGS__)); \
  }                                                                                     \
  static_assert(true, "")

#define FLOWRRA_OPTIONAL(type, ...)                                               \
  [[maybe_unused]] constexpr auto flowrra_optional_fields(::flowrra::Tag<type>) { \
    using FlowrraSelf_ = type;                                                    \
    return ::std::array{FLOWRRA_LIST_(FLOWRRA_FIELD_NAME_, __VA_ARGS__)};         \
  }                                                                               \
  static_assert(true, "")

#define FLOWRRA_ENUM(type, ...)                                               \
  [[maybe_unused]] constexpr auto flowrra_enumerators(::flowrra::Tag<type>) { \
    using FlowrraSelf_ = type;                                                \
    return ::std::array{FLOWRRA_LIST_(FLOWRRA_ENUMERATOR_, __VA_ARGS__)};     \
  }                                                                           \
  static_assert(true, "")
