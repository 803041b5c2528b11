#include "task/json_numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace flowrra {

using nlohmann::json;

bool less(const json& a, const json& b) {
  if (a.is_number_float() || b.is_number_float()) return a.get<double>() < b.get<double>();
  if (a.is_number_unsigned()) {
    const auto left = a.get<std::uint64_t>();
    return b.is_number_unsigned() ? left < b.get<std::uint64_t>() : std::cmp_less(left, b.get<std::int64_t>());
  }
  const auto left = a.get<std::int64_t>();
  return b.is_number_unsigned() ? std::cmp_less(left, b.get<std::uint64_t>()) : left < b.get<std::int64_t>();
}

bool is_whole(const json& value) {
  if (value.is_number_integer()) return true;
  if (!value.is_number_float()) return false;
  const double number = value.get<double>();
  return number == std::floor(number) && std::abs(number) <= 9007199254740992.0;  // 2^53: exact beyond doubt
}

bool is_multiple(const json& value, const json& of) {
  if (!less(0, of)) return true;
  if (value.is_number_unsigned() && of.is_number_unsigned()) {
    return value.get<std::uint64_t>() % of.get<std::uint64_t>() == 0;
  }
  if (value.is_number_integer() && of.is_number_integer()) {
    return value.get<std::int64_t>() % of.get<std::int64_t>() == 0;
  }
  const double count = value.get<double>() / of.get<double>();
  return !std::isfinite(count) || std::abs(count - std::round(count)) <= 1e-9 * std::max(1.0, std::abs(count));
}

}  // namespace flowrra
