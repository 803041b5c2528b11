#include "task/spec.hpp"

#include <nlohmann/json.hpp>

#include "base/sha256.hpp"

namespace flowrra {

using nlohmann::ordered_json;

namespace {

constexpr char kVersionMark = '@';  // no name has it
constexpr std::size_t kVersionDigits = 8;

bool valid_version(std::string_view text) {
  const auto mark = text.find(kVersionMark);
  if (mark == std::string_view::npos || !valid_name(text.substr(0, mark))) return false;
  const std::string_view digits = text.substr(mark + 1);
  return digits.size() == kVersionDigits && digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string version_of(const TaskSpec& spec) {
  Sha256 digest;
  digest.add(spec.schema);
  for (const std::string& argument : spec.arguments) digest.add("\n" + argument);
  return spec.name + kVersionMark + digest.hex().substr(0, kVersionDigits);
}

bool is_version(std::string_view name) { return name.find(kVersionMark) != std::string_view::npos; }

std::string_view without_version(std::string_view name) { return name.substr(0, name.find(kVersionMark)); }

std::string to_json(const TaskSpec& spec) {
  ordered_json out;
  out["name"] = spec.name;
  out["kind"] = name(spec.kind);
  if (spec.blocking) out["blocking"] = true;
  if (!spec.schema.empty()) out["schema"] = ordered_json::parse(spec.schema, nullptr, false);
  out["arguments"] = spec.arguments;
  if (!spec.doc.empty()) out["doc"] = spec.doc;
  if (const std::string options = to_json(spec.options); !options.empty())
    out["options"] = ordered_json::parse(options);
  out["plugin"] = spec.plugin;
  out["plugin_version"] = spec.plugin_version;
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<TaskSpec> spec_from_json(std::string_view text) {
  const Error damaged{Code::corrupt, "a task's stored definition cannot be read",
                      "Start a node with its plugin: it publishes the definition anew."};
  const ordered_json in = ordered_json::parse(text, nullptr, false);
  if (!in.is_object()) return damaged;
  try {
    TaskSpec spec;
    spec.name = in.at("name").get<std::string>();
    const auto kind = parse_kind(in.at("kind").get<std::string>());
    if (!kind || !(valid_name(spec.name) || valid_version(spec.name))) return damaged;
    spec.kind = *kind;
    spec.blocking = in.value("blocking", false);
    if (in.contains("schema")) spec.schema = in.at("schema").dump();
    spec.arguments = in.value("arguments", std::vector<std::string>{});
    spec.doc = in.value("doc", "");
    if (in.contains("options")) {
      auto options = options_from_json(in.at("options").dump());
      if (!options) return options.error();
      spec.options = *options;
    }
    spec.plugin = in.value("plugin", "");
    spec.plugin_version = in.value("plugin_version", "");
    return spec;
  } catch (const ordered_json::exception&) {
    return damaged;
  }
}

}  // namespace flowrra
