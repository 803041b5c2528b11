#include "store/sqlite/json.hpp"

#include <nlohmann/json.hpp>

namespace flowrra::sqlite {

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

}  // namespace flowrra::sqlite
