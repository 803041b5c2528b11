#pragma once

// C++ values from JSON, with messages that name the place: "sizes[2].width: must be a whole number, not 2.5".

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flowrra/duration.hpp"
#include "flowrra/encode.hpp"
#include "flowrra/nearest.hpp"
#include "flowrra/place.hpp"
#include "flowrra/types.hpp"

namespace flowrra::inline sdk::detail {

template <class T>
T decode(const Json& json, const Path& path);

template <Integer T>
T decode_integer(const Json& json, const Path& path) {
  const auto range = [&]() -> std::string {
    return "between " + std::to_string(std::numeric_limits<T>::min()) + " and " +
           std::to_string(std::numeric_limits<T>::max());
  };
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    if (std::in_range<T>(value)) return static_cast<T>(value);
  } else if (json.is_number_integer()) {
    const auto value = json.get<std::int64_t>();
    if (std::in_range<T>(value)) return static_cast<T>(value);
  } else if (json.is_number_float()) {
    const auto value = json.get<double>();
    if (std::trunc(value) != value) path.refuse("a whole number", json);
    const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (value >= (std::is_signed_v<T> ? -limit : 0.0) && value < limit) return static_cast<T>(value);
  } else {
    path.refuse("a whole number", json);
  }
  path.refuse(range(), json);
}

template <std::floating_point T>
T decode_number(const Json& json, const Path& path) {
  if (!json.is_number()) path.refuse("a number", json);
  const auto value = json.get<double>();
  if (std::abs(value) > static_cast<double>(std::numeric_limits<T>::max())) path.refuse("a smaller number", json);
  return static_cast<T>(value);
}

template <NamedEnum T>
T decode_enum(const Json& json, const Path& path) {
  std::string all;
  std::vector<std::string_view> names;
  for (const auto& known : flowrra_enumerators(Tag<T>{})) {
    if (json.is_string() && json.get_ref<const std::string&>() == known.name) return known.value;
    all += (all.empty() ? "" : ", ") + std::string(known.name);
    names.emplace_back(known.name);
  }
  path.refuse("one of " + all, json,
              json.is_string() ? did_you_mean(json.get_ref<const std::string&>(), names) : std::string());
}

template <class T>
std::string encoded(const T& value) {
  std::string out;
  encode(out, value);
  return out;
}

// Which fields of T have to be given; the rule stands in fields.hpp.
template <FieldStruct T>
const std::vector<bool>& required_fields() {
  static const std::vector<bool> required = [] {
    const T fresh{};
    std::vector<bool> result;
    for_each_field<T>([&](const auto& field, std::size_t) {
      using Member = typename std::decay_t<decltype(field)>::Type;
      if constexpr (Omissible<Member> || Map<Member> || Sequence<Member> || !decodable<Member>()) {
        result.push_back(false);
      } else if constexpr (!std::default_initializable<Member> || !encodable<Member>()) {
        result.push_back(!marked_optional<T>(field.name));
      } else {
        result.push_back(!marked_optional<T>(field.name) && encoded(fresh.*field.member) == encoded(Member{}));
      }
    });
    return result;
  }();
  return required;
}

// Refuses keys that are none of `names`.
template <class Names>
void refuse_unknown_keys(const Json& object, const Names& names, const Path& path) {
  for (const auto& [key, value] : object.items()) {
    bool known = false;
    std::string all;
    for (const auto& name : names) {
      known = known || key == name;
      all += (all.empty() ? "" : ", ") + std::string(name);
    }
    if (!known) path.member(key).refuse(all.empty() ? "no arguments are taken" : "unknown name; known are " + all);
  }
}

template <FieldStruct T>
T decode_struct(const Json& json, const Path& path) {
  if (!json.is_object()) path.refuse("an object", json);
  T value{};
  std::size_t found = 0;
  std::vector<std::string_view> names;
  for_each_field<T>([&](const auto& field, std::size_t index) {
    using Member = typename std::decay_t<decltype(field)>::Type;
    static_assert(decodable<Member>(),
                  "flowrra: a member named by FLOWRRA_FIELDS cannot be read from JSON; give its own struct "
                  "FLOWRRA_FIELDS, its enum FLOWRRA_ENUM, or leave it out of the list");
    names.push_back(field.name);
    if constexpr (decodable<Member>()) {
      const auto at = json.find(field.name);
      if (at != json.end()) {
        ++found;
        value.*field.member = decode<Member>(*at, path.member(field.name));
      } else if (required_fields<T>()[index]) {
        path.member(field.name).refuse("is required");
      }
    }
  });
  if (found < json.size()) refuse_unknown_keys(json, names, path);
  return value;
}

template <Sequence T>
T decode_sequence(const Json& json, const Path& path) {
  if (!json.is_array()) path.refuse("a list", json);
  T value;
  std::size_t index = 0;
  for (const Json& element : json)
    value.insert(value.end(), decode<typename T::value_type>(element, path.element(index++)));
  return value;
}

template <Map T>
T decode_map(const Json& json, const Path& path) {
  if (!json.is_object()) path.refuse("an object", json);
  T value;
  for (const auto& [key, element] : json.items())
    value.insert_or_assign(key, decode<typename T::mapped_type>(element, path.member(key)));
  return value;
}

template <Tuple T>
T decode_tuple(const Json& json, const Path& path) {
  constexpr std::size_t size = std::tuple_size_v<T>;
  if (!json.is_array() || json.size() != size) path.refuse("a list of " + std::to_string(size) + " values", json);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return T{decode<std::tuple_element_t<I, T>>(json[I], path.element(I))...};
  }
  (std::make_index_sequence<size>());
}

// Whether the alternative fits; if not, why is added to `reasons`.
template <class Alternative, class T>
bool try_alternative(std::optional<T>& into, const Json& json, const Path& path, std::string& reasons) {
  if constexpr (std::same_as<Alternative, std::monostate>) {
    if (json.is_null()) into.emplace(std::in_place_type<Alternative>);
  } else {
    try {
      into.emplace(std::in_place_type<Alternative>, decode<Alternative>(json, path));
    } catch (const Permanent& misfit) {
      std::string_view why = misfit.what();
      if (const std::string prefix = path.prefix(); why.starts_with(prefix)) why.remove_prefix(prefix.size());
      reasons.append(reasons.empty() ? "" : "; or ").append(why);
    }
  }
  return into.has_value();
}

// The first alternative that fits, in the order of the type.
template <Variant T>
T decode_variant(const Json& json, const Path& path) {
  std::optional<T> value;
  std::string reasons;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    static_cast<void>((try_alternative<std::variant_alternative_t<I, T>>(value, json, path, reasons) || ...));
  }
  (std::make_index_sequence<std::variant_size_v<T>>());
  if (!value) path.refuse(reasons);
  return *std::move(value);
}

// `json` as a T. Throws Permanent, naming the place, where it is not one.
template <class T>
T decode(const Json& json, const Path& path) {
  if constexpr (std::same_as<T, Json>) {
    return json;
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) path.refuse("true or false", json);
    return json.get<bool>();
  } else if constexpr (Integer<T>) {
    return decode_integer<T>(json, path);
  } else if constexpr (std::floating_point<T>) {
    return decode_number<T>(json, path);
  } else if constexpr (String<T>) {
    if (!json.is_string()) path.refuse("a string", json);
    return json.get<std::string>();
  } else if constexpr (NamedEnum<T>) {
    return decode_enum<T>(json, path);
  } else if constexpr (FilePath<T>) {
    if (!json.is_string()) path.refuse("a string", json);
    return T(json.get_ref<const std::string&>());
  } else if constexpr (Duration<T>) {
    return decode_duration<T>(json, path);
  } else if constexpr (Variant<T>) {
    return decode_variant<T>(json, path);
  } else if constexpr (FieldStruct<T>) {
    return decode_struct<T>(json, path);
  } else if constexpr (Optional<T>) {
    if (json.is_null()) return std::nullopt;
    return decode<typename T::value_type>(json, path);
  } else if constexpr (Map<T>) {
    return decode_map<T>(json, path);
  } else if constexpr (Sequence<T>) {
    return decode_sequence<T>(json, path);
  } else if constexpr (Tuple<T>) {
    return decode_tuple<T>(json, path);
  } else {
    try {
      return json.get<T>();
    } catch (const Permanent& e) {
      path.refuse(e.what());
    } catch (const std::exception& e) {
      path.refuse(e.what());
    }
  }
}

}  // namespace flowrra::inline sdk::detail
