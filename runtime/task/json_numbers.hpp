#pragma once

#include <nlohmann/json.hpp>

// Numbers of JSON compared as numbers, whatever nlohmann-json keeps them as. [any thread]
namespace flowrra {

// a < b, exact for integers of either signedness.
bool less(const nlohmann::json& a, const nlohmann::json& b);

// An integer, or a number such as 2.0 that is one beyond doubt.
bool is_whole(const nlohmann::json& value);

// Whether `value` is a multiple of `of`; true where `of` is not positive. Of fractions that a double cannot hold, such
// as 0.001, a multiple up to its precision.
bool is_multiple(const nlohmann::json& value, const nlohmann::json& of);

}  // namespace flowrra
