#include "task/schema_check.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.hpp"
#include "base/nearest.hpp"
#include "base/units.hpp"
#include "task/json_numbers.hpp"

namespace flowrra {
namespace {

using nlohmann::json;
using Found = std::optional<Error>;

constexpr std::size_t kShown = 40;
constexpr const char* kDurationFormat = "flowrra-duration";

std::string shortened(std::string text) {
  if (text.size() <= kShown) return text;
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a UTF-8 character
  return text.substr(0, end) + "…";
}

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

Error misfit(const std::string& path, const std::string& what) {
  return {Code::invalid, (path.empty() ? std::string("arguments") : path) + ": " + what, {}};
}

Error not_wanted(const std::string& path, const std::string& want, const json& value) {
  return misfit(path, "wanted " + want + ", given " + shown(value));
}

std::string member_path(const std::string& path, const std::string& key) {
  return path.empty() ? log::escaped(key) : path + "." + log::escaped(key);
}

// The keyword's value where it is there and of that type.
const json* keyword(const json& schema, const char* name, json::value_t type) {
  const auto found = schema.find(name);
  return found != schema.end() && found->type() == type ? &*found : nullptr;
}

const json* number_keyword(const json& schema, const char* name) {
  const auto found = schema.find(name);
  return found != schema.end() && found->is_number() ? &*found : nullptr;
}

bool is_type(const json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return is_whole(value);
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "null") return value.is_null();
  return true;
}

std::vector<std::string> types_of(const json& schema) {
  std::vector<std::string> out;
  const auto found = schema.find("type");
  if (found == schema.end()) return out;
  if (found->is_string()) out.push_back(found->get<std::string>());
  if (found->is_array()) {
    for (const json& type : *found) {
      if (type.is_string()) out.push_back(type.get<std::string>());
    }
  }
  return out;
}

std::string type_in_words(const std::string& type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kWords{{{"string", "a string"},
                                                                                 {"integer", "an integer"},
                                                                                 {"number", "a number"},
                                                                                 {"boolean", "true or false"},
                                                                                 {"array", "a list"},
                                                                                 {"object", "an object"},
                                                                                 {"null", "null"}}};
  for (const auto& [known, words] : kWords) {
    if (known == type) return std::string(words);
  }
  return type;
}

std::string joined(const std::vector<std::string>& parts, const char* last) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? last : ", ";
    out += parts[i];
  }
  return out;
}

Found check_type(const json& schema, const json& value, const std::string& path) {
  const auto types = types_of(schema);
  if (types.empty()) return {};
  for (const std::string& type : types) {
    if (is_type(value, type)) return {};
  }
  return not_wanted(path, wanted(schema), value);
}

Found check_choice(const json& schema, const json& value, const std::string& path) {
  if (const auto same = schema.find("const"); same != schema.end() && *same != value) {
    return not_wanted(path, shortened(dumped(*same)), value);
  }
  const json* choices = keyword(schema, "enum", json::value_t::array);
  if (choices == nullptr || std::find(choices->begin(), choices->end(), value) != choices->end()) return {};
  Error error = not_wanted(path, wanted(schema), value);
  std::vector<std::string> names;
  for (const json& choice : *choices) {
    if (choice.is_string()) names.push_back(choice.get<std::string>());
  }
  if (value.is_string()) error.hint = did_you_mean(value.get<std::string>(), names);
  return error;
}

Found check_any_of(const json& schema, const json& value, const std::string& path) {
  const json* alternatives = keyword(schema, "anyOf", json::value_t::array);
  if (alternatives == nullptr || alternatives->empty()) return {};
  Found best;
  int of_its_type = 0;
  for (const json& alternative : *alternatives) {
    Found error = SchemaCheck::value(alternative, value, path);
    if (!error) return {};
    if (check_type(alternative, value, path)) continue;
    ++of_its_type;
    best = std::move(error);
  }
  // With one alternative of the value's type, what is wrong with that one says most.
  if (of_its_type == 1) return best;
  return not_wanted(path, wanted(schema), value);
}

// `given` is how the value was written.
Found check_number(const json& schema, const json& value, const std::string& given, const std::string& path) {
  const auto refused = [&](const char* what, const json& bound) {
    return misfit(path, std::string("wanted ") + what + dumped(bound) + ", given " + given);
  };
  if (const json* min = number_keyword(schema, "minimum"); min != nullptr && less(value, *min)) {
    return refused("at least ", *min);
  }
  if (const json* max = number_keyword(schema, "maximum"); max != nullptr && less(*max, value)) {
    return refused("at most ", *max);
  }
  if (const json* of = number_keyword(schema, "multipleOf"); of != nullptr && !is_multiple(value, *of)) {
    return refused("a multiple of ", *of);
  }
  return {};
}

// Checks a count against two keywords; `unit` is "characters" or "items".
Found check_count(const json& schema, std::pair<const char*, const char*> keywords, std::size_t count, const char* unit,
                  const std::string& path) {
  const json size = count;
  if (const json* min = number_keyword(schema, keywords.first); min != nullptr && less(size, *min)) {
    return misfit(path, "wanted at least " + dumped(*min) + " " + unit + ", given " + dumped(size));
  }
  if (const json* max = number_keyword(schema, keywords.second); max != nullptr && less(*max, size)) {
    return misfit(path, "wanted at most " + dumped(*max) + " " + unit + ", given " + dumped(size));
  }
  return {};
}

Found check_string(const json& schema, const std::string& text, const std::string& path) {
  if (const auto format = schema.find("format"); format != schema.end() && *format == kDurationFormat) {
    const auto duration = parse_duration(text);
    if (!duration) return not_wanted(path, wanted(schema), text);
    const json seconds = static_cast<double>(duration->count()) / 1e6;
    if (auto error = check_number(schema, seconds, shown(text), path)) return error;
  }
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return check_count(schema, {"minLength", "maxLength"}, static_cast<std::size_t>(characters), "characters", path);
}

Found check_array(const json& schema, const json& value, const std::string& path) {
  if (auto error = check_count(schema, {"minItems", "maxItems"}, value.size(), "items", path)) return error;
  const json* prefix = keyword(schema, "prefixItems", json::value_t::array);
  const auto items = schema.find("items");
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool in_prefix = prefix != nullptr && i < prefix->size();
    if (!in_prefix && items == schema.end()) continue;
    const json& part = in_prefix ? (*prefix)[i] : *items;
    if (auto error = SchemaCheck::value(part, value[i], path + "[" + std::to_string(i) + "]")) return error;
  }
  return {};
}

Error unknown_member(const json* properties, const std::string& key, const std::string& path) {
  std::vector<std::string> names;
  if (properties != nullptr) {
    for (const auto& [name, ignored] : properties->items()) names.push_back(name);
  }
  Error error{Code::invalid, {}, did_you_mean(key, names)};
  if (path.empty()) {
    error.message = "unknown argument '" + log::escaped(key) + "'";
  } else {
    error.message = path + ": unknown field '" + log::escaped(key) + "'";
  }
  if (error.hint.empty()) {
    error.hint = names.empty() ? "It takes none." : "Known here: " + list_names(names) + ".";
  }
  return error;
}

Found check_members(const json& schema, const json& value, const std::string& path) {
  const json* properties = keyword(schema, "properties", json::value_t::object);
  const auto additional = schema.find("additionalProperties");
  for (const auto& [key, member] : value.items()) {
    const json* part = nullptr;
    if (properties != nullptr && properties->contains(key)) {
      part = &properties->at(key);
    } else if (additional != schema.end()) {
      if (additional->is_boolean() && !additional->get<bool>()) return unknown_member(properties, key, path);
      part = &*additional;
    }
    if (part == nullptr) continue;
    if (auto error = SchemaCheck::value(*part, member, member_path(path, key))) return error;
  }
  return {};
}

Found check_object(const json& schema, const json& value, const std::string& path) {
  // Unknown names first: a name with a slip in it is unknown and missing, and the slip is what helps.
  if (auto error = check_members(schema, value, path)) return error;
  const json* required = keyword(schema, "required", json::value_t::array);
  if (required == nullptr) return {};
  for (const json& name : *required) {
    if (!name.is_string() || value.contains(name.get<std::string>())) continue;
    const std::string shown_name = log::escaped(name.get<std::string>());
    if (path.empty()) return Error{Code::invalid, "missing argument '" + shown_name + "'", {}};
    return misfit(path, "missing field '" + shown_name + "'");
  }
  return {};
}

}  // namespace

Found SchemaCheck::value(const json& schema, const json& value, const std::string& path) {
  if (schema.is_boolean() && !schema.get<bool>()) return misfit(path, "nothing is allowed here");
  if (!schema.is_object()) return {};
  for (auto* const check : {check_type, check_choice, check_any_of}) {
    if (auto error = check(schema, value, path)) return error;
  }
  if (value.is_number()) return check_number(schema, value, dumped(value), path);
  if (value.is_string()) return check_string(schema, value.get_ref<const std::string&>(), path);
  if (value.is_array()) return check_array(schema, value, path);
  if (value.is_object()) return check_object(schema, value, path);
  return {};
}

std::string shown(const json& value) {
  if (value.is_string()) return "the string " + shortened(dumped(value));
  if (value.is_number()) return "the number " + dumped(value);
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  return dumped(value);
}

std::string wanted(const json& schema) {
  std::vector<std::string> parts;
  if (const json* choices = keyword(schema, "enum", json::value_t::array)) {
    for (const json& choice : *choices) parts.push_back(dumped(choice));
    return "one of " + list_names(parts);
  }
  if (const auto format = schema.find("format"); format != schema.end() && *format == kDurationFormat) {
    return "seconds or a duration such as \"90s\", \"1.5h\" or \"250ms\"";
  }
  if (const json* alternatives = keyword(schema, "anyOf", json::value_t::array)) {
    for (const json& alternative : *alternatives) parts.push_back(wanted(alternative));
  } else {
    for (const std::string& type : types_of(schema)) parts.push_back(type_in_words(type));
  }
  return parts.empty() ? "something else" : joined(parts, " or ");
}

}  // namespace flowrra
