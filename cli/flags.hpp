#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace flowrra::cli {

// The value of a flag that was given, or nothing for empty text. `flag` ("--delay") names it in Code::usage.
Result<std::optional<Micros>> duration_flag(const char* flag, const std::string& text);

// RFC 3339, or "2026-01-31 08:15[:00]" in local time.
Result<std::optional<WallTime>> time_flag(const char* flag, const std::string& text);

}  // namespace flowrra::cli
