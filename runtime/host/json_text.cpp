#include "host/json_text.hpp"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace flowrra {
namespace {

using nlohmann::ordered_json;

// 3 rather than 3.0; what is no number counts as 0.
ordered_json number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (!std::isfinite(value)) return 0;
  if (std::abs(value) < kExact && value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

std::string progress_json(double done, double total, std::string_view note) {
  ordered_json out;
  out["done"] = number(done);
  if (total > 0) out["total"] = number(total);
  if (!note.empty()) out["note"] = note;
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string valid_utf8(std::string_view text) {
  bool plain = true;
  for (const char c : text) plain = plain && static_cast<unsigned char>(c) < 0x80;
  if (plain) return std::string(text);
  const std::string quoted = ordered_json(text).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return ordered_json::parse(quoted).get<std::string>();
}

}  // namespace flowrra
