#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowrra::log {

enum class Level { debug, info, warning, error, off };

// Writes to stderr, one line per event, control bytes escaped. Until set_level is called nothing below warning shows.
void set_level(Level level);                       // [main thread, at start]
Result<Level> parse_level(std::string_view text);  // "debug", "info", "warning", "error", "off"
std::string_view name(Level level);
bool enabled(Level level);                          // [any thread]
void write(Level level, std::string_view message);  // [any thread]

inline void debug(std::string_view message) { write(Level::debug, message); }
inline void info(std::string_view message) { write(Level::info, message); }
inline void warning(std::string_view message) { write(Level::warning, message); }
inline void error(std::string_view message) { write(Level::error, message); }

// The text so that it cannot forge a line, drive a terminal or show itself in another order: control bytes, DEL and
// bytes that are no UTF-8 as \n, \t or \xNN; C1 controls, line and paragraph separators, and the overrides and isolates
// of writing direction as \uNNNN.
std::string escaped(std::string_view text);

// The same for JSON, which stays the same value. What it has as escapes already, and its own line feeds, are left.
std::string escaped_json(std::string_view json);

}  // namespace flowrra::log
