#include "app/config_show.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "app/config_keys.hpp"
#include "app/redact.hpp"

namespace flowrra {
namespace {

using Json = nlohmann::ordered_json;

// JSON's texts are TOML's, but for DEL, which TOML wants to be escaped.
std::string toml_text(std::string_view text) {
  std::string out = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  for (std::size_t at = 0; (at = out.find('\x7f', at)) != std::string::npos;) out.replace(at, 1, "\\u007f");
  return out;
}

std::string list_text(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& item : list) out += (out.size() > 1 ? ", " : "") + toml_text(item);
  return out + "]";
}

// {"media.so" = "sha256:…"}
std::string table_text(const std::vector<std::string>& items) {
  std::string out = "{";
  for (const std::string& item : items) {
    const std::size_t equals = item.rfind('=');
    out +=
        (out.size() > 1 ? ", " : "") + toml_text(item.substr(0, equals)) + " = " + toml_text(item.substr(equals + 1));
  }
  return out + "}";
}

Json table_json(std::string toml) {
  constexpr std::string_view kEquals = "\" = \"";  // between a name and its text, and nowhere else: quotes are escaped
  for (std::size_t at = 0; (at = toml.find(kEquals, at)) != std::string::npos;)
    toml.replace(at, kEquals.size(), "\": \"");
  return Json::parse(toml, nullptr, false);
}

std::string seconds_text(Micros duration) {
  constexpr std::int64_t kSecond = 1'000'000;
  if (duration.count() % kSecond == 0) return std::to_string(duration.count() / kSecond) + ".0";
  return fmt::format("{}", static_cast<double>(duration.count()) / static_cast<double>(kSecond));
}

std::string value_text(Shape shape, const Value& value) {
  switch (shape) {
    case Shape::integer:
    case Shape::size:
      return std::to_string(value.integer);
    case Shape::seconds:
      return seconds_text(value.duration);
    case Shape::boolean:
      return value.boolean ? "true" : "false";
    case Shape::names:
    case Shape::paths:
      return list_text(value.list);
    case Shape::pins:
      return table_text(value.list);
    case Shape::url:
      return toml_text(redact_url(value.text));
    default:
      return toml_text(value.text);
  }
}

Origin origin_of(const Config& config, const std::string& key) {
  const auto found = config.origins.find(key);
  return found == config.origins.end() ? Origin{} : found->second;
}

void add_section(const Config& config, const std::string& section, std::vector<Setting>& out) {
  for (const ConfigKey& key : config_keys()) {
    if (key.section != section) continue;
    Setting setting{section, {}, std::string(key.name), {}, false, {}};
    setting.origin = origin_of(config, label(setting));
    const auto value = key.value.get(config);
    if (value) setting.value = value_text(key.shape, *value);
    const bool follows = section == "backend" && find_key("broker." + setting.name) != nullptr &&
                         setting.origin.source == Origin::Source::built_in && config.backend_follows();
    setting.by_default = !value || follows;
    out.push_back(std::move(setting));
  }
}

void add_queues(const Config& config, std::vector<Setting>& out) {
  for (const auto& [name, weight] : config.queues) {
    Setting setting{"queues", {}, name, std::to_string(weight), false, {}};
    setting.origin = origin_of(config, label(setting));
    out.push_back(std::move(setting));
  }
}

void add_tasks(const Config& config, std::vector<Setting>& out) {
  for (const auto& [task, options] : config.tasks) {
    for (const ConfigKey& key : config_keys()) {
      const auto value = key.option.get == nullptr ? std::nullopt : key.option.get(options);
      if (!value) continue;
      Setting setting{"tasks", task, std::string(key.name), value_text(key.shape, *value), false, {}};
      setting.origin = origin_of(config, label(setting));
      out.push_back(std::move(setting));
    }
  }
}

std::string header(const Setting& setting) {
  return setting.task.empty() ? "[" + setting.section + "]" : "[tasks.\"" + setting.task + "\"]";
}

std::string toml_line(const Setting& setting, bool origins) {
  const bool bare = setting.name.find('.') == std::string::npos;
  std::string line = (bare ? setting.name : toml_text(setting.name)) + " = " + setting.value;
  if (setting.value.empty()) line = setting.name + " is not set";
  if (setting.by_default) line = "# " + line;
  return line + (origins ? "  # " + origin_text(setting.origin) : "") + "\n";
}

std::string_view source_name(Origin::Source source) {
  switch (source) {
    case Origin::Source::file:
      return "file";
    case Origin::Source::environment:
      return "environment";
    case Origin::Source::flag:
      return "flag";
    case Origin::Source::built_in:
      break;
  }
  return "built-in";
}

Json with_origin(const Setting& setting) {
  const bool table = setting.value.starts_with("{");
  const Json value = table ? table_json(setting.value) : Json::parse(setting.value, nullptr, false);
  return {{"value", setting.value.empty() ? Json() : value},
          {"source", source_name(setting.origin.source)},
          {"where", setting.origin.where.empty() ? Json() : Json(setting.origin.where)}};
}

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::vector<Setting> settings(const Config& config) {
  std::vector<Setting> out;
  for (const std::string& section : section_names()) {
    if (section == "queues") {
      add_queues(config, out);
    } else if (section == "tasks") {
      add_tasks(config, out);
    } else {
      add_section(config, section, out);
    }
  }
  return out;
}

std::string label(const Setting& setting) {
  if (!setting.task.empty()) return task_option_label(setting.task, setting.name);
  return setting.section + "." + setting.name;
}

std::string origin_text(const Origin& origin) {
  const std::string source(source_name(origin.source));
  return origin.where.empty() ? source : source + " " + log::escaped(origin.where);
}

std::string config_toml(const Config& config, bool origins) {
  std::string out = config.file.empty() ? "# No file was read.\n" : "# Read from " + log::escaped(config.file) + "\n";
  std::string last;
  for (const Setting& setting : settings(config)) {
    const std::string begins = header(setting);
    if (begins != last) out += "\n" + begins + "\n";
    last = begins;
    out += toml_line(setting, origins);
  }
  return out;
}

std::string config_json(const Config& config, bool origins) {
  Json out = Json::object();
  for (const std::string& section : section_names()) out[section] = Json::object();
  for (const Setting& setting : settings(config)) {
    Json& section = setting.task.empty() ? out[setting.section] : out[setting.section][setting.task];
    Json value = with_origin(setting);
    section[setting.name] = origins ? std::move(value) : value["value"];
  }
  return dumped(out);
}

std::string setting_json(const Setting& setting) {
  Json out = Json::object();
  out["key"] = label(setting);
  const Json rest = with_origin(setting);
  for (const auto& [name, value] : rest.items()) out[name] = value;
  return dumped(out);
}

}  // namespace flowrra
