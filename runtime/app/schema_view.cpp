#include "app/schema_view.hpp"

#include <nlohmann/json.hpp>

namespace flowrra {
namespace {

using nlohmann::json;

constexpr int kDeepest = 8;  // of anyOf within anyOf: more than any signature gives

const json& empty_schema() {
  static const json empty = json::object();
  return empty;
}

Types named(const json& name) {
  if (name == "null") return kNull;
  if (name == "boolean") return kBoolean;
  if (name == "integer") return kInteger;
  if (name == "number") return kNumber | kInteger;
  if (name == "string") return kString;
  if (name == "array") return kList;
  if (name == "object") return kObject;
  return kAnything;
}

Types accepted_within(const json& schema, int depth) {
  if (!schema.is_object() || depth > kDeepest) return kAnything;
  Types out = 0;
  if (const auto type = schema.find("type"); type != schema.end()) {
    if (!type->is_array()) return named(*type);
    for (const json& name : *type) out |= named(name);
  } else if (const auto choices = schema.find("enum"); choices != schema.end() && choices->is_array()) {
    for (const json& choice : *choices) out |= type_of(choice);
  } else if (const auto same = schema.find("const"); same != schema.end()) {
    out = type_of(*same);
  } else if (const auto any = schema.find("anyOf"); any != schema.end() && any->is_array()) {
    for (const json& alternative : *any) out |= accepted_within(alternative, depth + 1);
  }
  return out == 0 ? kAnything : out;
}

// The alternative that says something about members or items, where there are several.
const json& with_keyword(const json& schema, const char* keyword, int depth = 0) {
  if (!schema.is_object() || depth > kDeepest) return empty_schema();
  if (schema.contains(keyword)) return schema;
  if (const auto any = schema.find("anyOf"); any != schema.end() && any->is_array()) {
    for (const json& alternative : *any) {
      const json& found = with_keyword(alternative, keyword, depth + 1);
      if (!found.empty()) return found;
    }
  }
  return empty_schema();
}

}  // namespace

Types accepted(const json& schema) { return accepted_within(schema, 0); }

Types type_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return kNull;
    case json::value_t::boolean:
      return kBoolean;
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return kInteger;
    case json::value_t::number_float:
      return kNumber;
    case json::value_t::string:
      return kString;
    case json::value_t::array:
      return kList;
    default:
      return kObject;
  }
}

bool wants_text(const json& schema) {
  const Types types = accepted(schema);
  return (types & kString) != 0 && (types & ~(kString | kNull)) == 0;
}

const json& member_schema(const json& schema, const std::string& key) {
  const json& properties = with_keyword(schema, "properties");
  if (!properties.empty()) {
    const json& list = properties.at("properties");
    if (list.is_object() && list.contains(key)) return list.at(key);
  }
  const json& additional = with_keyword(schema, "additionalProperties");
  return additional.empty() ? empty_schema() : additional.at("additionalProperties");
}

const json& item_schema(const json& schema, std::size_t index) {
  const json& prefix = with_keyword(schema, "prefixItems");
  if (!prefix.empty()) {
    const json& list = prefix.at("prefixItems");
    if (list.is_array() && index < list.size()) return list.at(index);
  }
  const json& items = with_keyword(schema, "items");
  return items.empty() ? empty_schema() : items.at("items");
}

}  // namespace flowrra
