#include "store/session_json.hpp"

#include <nlohmann/json.hpp>

namespace flowrra {

using nlohmann::json;

std::string list_to_json(const std::vector<std::string>& texts) {
  return json(texts).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<std::vector<std::string>> list_from_json(std::string_view text) {
  const json array = json::parse(text, nullptr, false);
  if (!array.is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const json& item : array) {
    if (!item.is_string()) return std::nullopt;
    out.push_back(item.get<std::string>());
  }
  return out;
}

std::string plugins_to_json(const std::vector<NodePlugin>& plugins) {
  json out = json::array();
  for (const NodePlugin& each : plugins) {
    json item{{"path", each.path}};
    const auto put = [&item](const char* key, const std::string& text) {
      if (!text.empty()) item[key] = text;
    };
    put("name", each.name);
    put("version", each.version);
    put("digest", each.digest);
    put("refused", each.refused);
    out.push_back(std::move(item));
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<NodePlugin> plugins_from_json(std::string_view text) {
  std::vector<NodePlugin> out;
  const json array = json::parse(text, nullptr, false);
  if (!array.is_array()) return out;
  for (const json& item : array) {
    if (!item.is_object()) continue;
    const auto of = [&item](const char* key) {
      const auto found = item.find(key);
      return found != item.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    out.push_back({of("path"), of("name"), of("version"), of("digest"), of("refused")});
  }
  return out;
}

}  // namespace flowrra
