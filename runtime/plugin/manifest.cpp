#include "plugin/manifest.hpp"

#include <nlohmann/json.hpp>

namespace flowrra {
namespace {

using nlohmann::ordered_json;

Error damaged() {
  return {Code::corrupt, "a plugin's manifest cannot be read", "Start a node with the plugin: it publishes it anew."};
}

std::string text_of(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  ordered_json out;
  out["path"] = manifest.path;
  if (!manifest.digest.empty()) out["digest"] = manifest.digest;
  if (!manifest.refused.empty()) {
    out["refused"] = manifest.refused;
    if (!manifest.hint.empty()) out["hint"] = manifest.hint;
  } else {
    out["plugin"] = manifest.plugin;
    out["version"] = manifest.version;
    out["tasks"] = ordered_json::array();
    for (const TaskSpec& task : manifest.tasks) {
      out["tasks"].push_back(ordered_json::parse(to_json(task), nullptr, false));
    }
  }
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<Manifest> manifest_from_json(std::string_view text) {
  const ordered_json in = ordered_json::parse(text, nullptr, false);
  if (!in.is_object()) return damaged();
  Manifest manifest;
  manifest.path = text_of(in, "path");
  manifest.digest = text_of(in, "digest");
  manifest.refused = text_of(in, "refused");
  manifest.hint = text_of(in, "hint");
  if (!manifest.refused.empty()) return manifest;
  manifest.plugin = text_of(in, "plugin");
  manifest.version = text_of(in, "version");
  const auto tasks = in.find("tasks");
  if (tasks == in.end() || !tasks->is_array() || manifest.plugin.empty()) return damaged();
  for (const ordered_json& task : *tasks) {
    auto spec = spec_from_json(task.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
    if (!spec) return spec.error();
    if (is_version(spec->name)) return damaged();
    manifest.tasks.push_back(*std::move(spec));
  }
  return manifest;
}

Manifest refusal(std::string path, const Error& error) {
  Manifest manifest;
  manifest.path = std::move(path);
  manifest.refused = error.message.empty() ? "unknown error" : error.message;
  manifest.hint = error.hint;
  manifest.code = error.code;
  return manifest;
}

}  // namespace flowrra
