#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/directory.hpp"

namespace flowrra {

// A list of texts as the JSON array it is stored as, and back; nothing when the stored text is none.
std::string list_to_json(const std::vector<std::string>& texts);
std::optional<std::vector<std::string>> list_from_json(std::string_view json);

// The plugins of a session likewise; what cannot be read is left out.
std::string plugins_to_json(const std::vector<NodePlugin>& plugins);
std::vector<NodePlugin> plugins_from_json(std::string_view json);

}  // namespace flowrra
