#pragma once

// The JSON Schema of a C++ type. The node checks arguments against it before they are queued, so it uses only the
// keywords that the node knows: type, properties, required, additionalProperties, items, prefixItems, minItems,
// maxItems, minimum, maximum, multipleOf, enum, anyOf, format "flowrra-duration"; and "default" for people.

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "flowrra/decode.hpp"

namespace flowrra::inline sdk::detail {

using Schema = nlohmann::ordered_json;  // keeps the author's order

// The structs around a type: a struct that contains itself is described once, and "anything" where it comes again.
struct Enclosing {
  const Enclosing* outer = nullptr;
  const void* type = nullptr;

  [[nodiscard]] bool holds(const void* wanted) const {
    for (const Enclosing* at = this; at != nullptr; at = at->outer)
      if (at->type == wanted) return true;
    return false;
  }
};

template <class T>
inline constexpr char kTypeMark = 0;  // its address stands for the type

template <class T>
Schema schema_of(const Enclosing& enclosing = {});

template <FieldStruct T>
Schema schema_of_struct(const Enclosing& enclosing) {
  if (enclosing.holds(&kTypeMark<T>)) return Schema::object();
  const Enclosing here{&enclosing, &kTypeMark<T>};
  Schema properties = Schema::object();
  Schema required = Schema::array();
  const T fresh{};
  for_each_field<T>([&](const auto& field, std::size_t index) {
    using Member = typename std::decay_t<decltype(field)>::Type;
    if constexpr (decodable<Member>()) {  // the reader of T says so where it is not
      Schema property = schema_of<Member>(here);
      if (required_fields<T>()[index]) {
        required.push_back(field.name);
      } else if constexpr (std::default_initializable<Member> && encodable<Member>()) {
        const std::string value = encoded(fresh.*field.member);
        if (value != encoded(Member{}) || marked_optional<T>(field.name)) property["default"] = Schema::parse(value);
      }
      properties[field.name] = std::move(property);
    }
  });
  return {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
}

inline Schema or_null(Schema schema) {
  if (schema.empty()) return schema;
  if (const auto type = schema.find("type"); type != schema.end() && type->is_string() && !schema.contains("enum")) {
    *type = Schema::array({*type, "null"});
    return schema;
  }
  return {{"anyOf", Schema::array({schema, Schema{{"type", "null"}}})}};
}

template <Tuple T>
Schema schema_of_tuple(const Enclosing& enclosing) {
  Schema items = Schema::array();
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (items.push_back(schema_of<std::tuple_element_t<I, T>>(enclosing)), ...);
  }
  (std::make_index_sequence<std::tuple_size_v<T>>());
  return {{"type", "array"}, {"prefixItems", items}, {"minItems", items.size()}, {"maxItems", items.size()}};
}

template <NamedEnum T>
Schema schema_of_enum() {
  Schema names = Schema::array();
  for (const auto& known : flowrra_enumerators(Tag<T>{})) names.push_back(known.name);
  return {{"type", "string"}, {"enum", names}};
}

// Alternatives whose schemas are the same are told once.
template <Variant T>
Schema schema_of_variant(const Enclosing& enclosing) {
  Schema alternatives = Schema::array();
  const auto add = [&]<class Alternative>(std::type_identity<Alternative>) {
    Schema schema = Schema{{"type", "null"}};
    if constexpr (!std::same_as<Alternative, std::monostate>) schema = schema_of<Alternative>(enclosing);
    if (std::find(alternatives.begin(), alternatives.end(), schema) == alternatives.end())
      alternatives.push_back(std::move(schema));
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (add(std::type_identity<std::variant_alternative_t<I, T>>()), ...);
  }
  (std::make_index_sequence<std::variant_size_v<T>>());
  return {{"anyOf", alternatives}};
}

// In seconds, or as text; both must fit T's ticks.
template <Duration T>
Schema schema_of_duration() {
  Schema schema{{"type", {"number", "string"}},
                {"minimum", 0},
                {"maximum", longest_seconds<T>()},
                {"format", "flowrra-duration"}};
  using Period = typename T::period;
  if constexpr (!std::floating_point<typename T::rep>) {
    if constexpr (Period::den == 1) {
      schema["multipleOf"] = Period::num;
    } else {
      schema["multipleOf"] = tick_seconds<T>();
    }
  }
  return schema;
}

template <class T>
Schema schema_of(const Enclosing& enclosing) {
  if constexpr (std::same_as<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (Integer<T>) {
    return {
        {"type", "integer"}, {"minimum", std::numeric_limits<T>::min()}, {"maximum", std::numeric_limits<T>::max()}};
  } else if constexpr (std::floating_point<T>) {
    return {{"type", "number"}};
  } else if constexpr (String<T> || FilePath<T>) {
    return {{"type", "string"}};
  } else if constexpr (Duration<T>) {
    return schema_of_duration<T>();
  } else if constexpr (Variant<T>) {
    return schema_of_variant<T>(enclosing);
  } else if constexpr (NamedEnum<T>) {
    return schema_of_enum<T>();
  } else if constexpr (FieldStruct<T>) {
    return schema_of_struct<T>(enclosing);
  } else if constexpr (Optional<T>) {
    return or_null(schema_of<typename T::value_type>(enclosing));
  } else if constexpr (Map<T>) {
    return {{"type", "object"}, {"additionalProperties", schema_of<typename T::mapped_type>(enclosing)}};
  } else if constexpr (Sequence<T>) {
    return {{"type", "array"}, {"items", schema_of<typename T::value_type>(enclosing)}};
  } else if constexpr (Tuple<T>) {
    return schema_of_tuple<T>(enclosing);
  } else {
    return Schema::object();  // anything: nlohmann::json, or a type that reads itself
  }
}

}  // namespace flowrra::inline sdk::detail
