#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace flowrra {

// The types that a schema accepts, as bits.
using Types = std::uint8_t;
inline constexpr Types kNull = 1;
inline constexpr Types kBoolean = 2;
inline constexpr Types kInteger = 4;
inline constexpr Types kNumber = 8;  // with kInteger: whoever wants numbers takes integers
inline constexpr Types kString = 16;
inline constexpr Types kList = 32;
inline constexpr Types kObject = 64;
inline constexpr Types kAnything = 127;

Types accepted(const nlohmann::json& schema);
Types type_of(const nlohmann::json& value);

// True where plain text is meant as it stands: a string, and nothing else but null, is accepted.
bool wants_text(const nlohmann::json& schema);

// The schema of a member or an item; an empty schema where nothing is said about it.
const nlohmann::json& member_schema(const nlohmann::json& schema, const std::string& key);
const nlohmann::json& item_schema(const nlohmann::json& schema, std::size_t index);

}  // namespace flowrra
