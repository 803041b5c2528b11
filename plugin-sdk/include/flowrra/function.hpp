#pragma once

// What a task's function says about its arguments and its result.

#include <algorithm>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "flowrra/async.hpp"
#include "flowrra/decode.hpp"
#include "flowrra/plain.hpp"
#include "flowrra/schema.hpp"

namespace flowrra::inline sdk::detail {

template <class... T>
struct Types {};

template <class P>
using Plain = std::remove_cvref_t<P>;

template <class P>
inline constexpr bool kIsContext = std::is_base_of_v<Context, Plain<P>>;

// A parameter that the arguments' values can be bound to.
template <class P>
inline constexpr bool kBindable = !std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>;

// A function's type taken apart: the context it wants (void: none), the parameters after it, and what it returns.
template <class R, class C, class... P>
struct Parts {
  using Result = R;
  using ContextParameter = C;
  using Values = std::tuple<Plain<P>...>;
  static constexpr std::size_t kCount = sizeof...(P);
  static constexpr bool kCoroutine = CoroutineResult<R>;
  static constexpr bool kDecodable = (decodable<Plain<P>>() && ...);
  static constexpr bool kParametersBindable = (kBindable<P> && ...);
};

template <class R, class... P>
struct Split {
  using Type = Parts<R, void, P...>;
};
template <class R, class First, class... P>
requires kIsContext<First>
struct Split<R, First, P...> {
  using Type = Parts<R, First, P...>;
};

template <class R, class... P>
typename Split<R, P...>::Type parts_of(R (*)(P...));

// Functions, and lambdas without captures whose parameter types are spelled out.
template <class F>
concept PlainFunction = requires(F f) {
  parts_of(+f);
};

template <class F>
using PartsOf = decltype(parts_of(+std::declval<F>()));

// Whether a task whose context is `Given` can call a function that wants `Wanted`.
template <class Wanted, class Given>
inline constexpr bool kContextFits = std::is_void_v<Wanted> ||
                                     (std::is_reference_v<Wanted> && std::is_convertible_v<Given&, Wanted>);

// One struct with FLOWRRA_FIELDS: its fields are the arguments.
template <class Values>
inline constexpr bool kOneStruct = false;
template <class T>
inline constexpr bool kOneStruct<std::tuple<T>> = FieldStruct<T>;

using Names = std::vector<std::string>;

// The arguments: an object by name, or a list by place with at most one for each name.
inline Json parse_arguments(flowrra_bytes text, const Names& names) {
  if (text.size == 0) return Json::object();
  auto plain = PlainReader({text.data, text.size}).whole();
  Json json = plain ? *std::move(plain) : Json::parse(text.data, text.data + text.size, nullptr, false);
  if (json.is_object()) return json;
  if (!json.is_array()) throw Permanent("arguments: must be a JSON object or list");
  if (json.size() > names.size())
    throw Permanent("arguments: at most " + std::to_string(names.size()) + " are taken, not " +
                    std::to_string(json.size()));
  return json;
}

// What a list has, by name.
inline Json by_name(Json arguments, const Names& names) {
  if (arguments.is_object()) return arguments;
  Json named = Json::object();
  for (std::size_t i = 0; i < arguments.size(); ++i) named[names[i]] = std::move(arguments[i]);
  return named;
}

template <class T>
T decode_argument(const Json& arguments, const std::string& name, std::size_t place) {
  const Path root;
  if (arguments.is_array()) {
    if (place < arguments.size()) return decode<T>(arguments[place], root.member(name));
  } else if (const auto at = arguments.find(name); at != arguments.end()) {
    return decode<T>(*at, root.member(name));
  }
  if constexpr (Omissible<T>) {
    return T{};
  } else {
    root.member(name).refuse("is required");
  }
}

// The values for a function's parameters. Throws Permanent where the arguments do not fit.
template <class Values>
Values decode_arguments(flowrra_bytes text, const Names& names) {
  Json arguments = parse_arguments(text, names);
  if constexpr (kOneStruct<Values>) {
    return Values(decode<std::tuple_element_t<0, Values>>(by_name(std::move(arguments), names), Path{}));
  } else {
    if (arguments.is_object()) refuse_unknown_keys(arguments, names, Path{});
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Values{decode_argument<std::tuple_element_t<I, Values>>(arguments, names[I], I)...};
    }
    (std::make_index_sequence<std::tuple_size_v<Values>>());
  }
}

// The schema of the arguments object.
template <class Values>
Schema arguments_schema([[maybe_unused]] const Names& names) {
  if constexpr (kOneStruct<Values>) {
    return schema_of<std::tuple_element_t<0, Values>>();
  } else {
    Schema properties = Schema::object();
    Schema required = Schema::array();
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((properties[names[I]] = schema_of<std::tuple_element_t<I, Values>>(),
        Omissible<std::tuple_element_t<I, Values>> ? void() : required.push_back(names[I])),
       ...);
    }
    (std::make_index_sequence<std::tuple_size_v<Values>>());
    return {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
  }
}

// The arguments' names: the struct's fields, or `given`, or arg1, arg2, …
template <class Values>
Names arguments_names(const Names& given) {
  if constexpr (kOneStruct<Values>) {
    if (!given.empty()) throw Permanent("its arguments are named by FLOWRRA_FIELDS; leave .args out");
    Names names;
    for_each_field<std::tuple_element_t<0, Values>>(
        [&](const auto& field, std::size_t) { names.emplace_back(field.name); });
    return names;
  } else {
    constexpr std::size_t count = std::tuple_size_v<Values>;
    if (given.empty()) {
      Names names;
      for (std::size_t i = 1; i <= count; ++i) names.push_back("arg" + std::to_string(i));
      return names;
    }
    if (given.size() != count)
      throw Permanent(".args names " + std::to_string(given.size()) + " arguments, but the function takes " +
                      std::to_string(count));
    for (std::size_t i = 0; i < count; ++i)
      if (std::find(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(i), given[i]) !=
          given.begin() + static_cast<std::ptrdiff_t>(i))
        throw Permanent(".args names \"" + given[i] + "\" twice");
    return given;
  }
}

}  // namespace flowrra::inline sdk::detail
