#include "base/log.hpp"

#define SPDLOG_FMT_EXTERNAL
#define SPDLOG_NO_EXCEPTIONS
#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <array>
#include <cstdio>
#include <memory>

namespace flowrra::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

constexpr std::array<std::string_view, 5> kNames{"debug", "info", "warning", "error", "off"};  // as in Level

spdlog::logger& logger() {
  static spdlog::logger& instance = []() -> spdlog::logger& {
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%f%z %^%l%$ %v");
    // Never destroyed: threads may still log while the process ends.
    auto* made = new spdlog::logger("flowrra", std::move(sink));  // NOLINT(cppcoreguidelines-owning-memory)
    made->set_level(spdlog::level::warn);
    made->flush_on(spdlog::level::debug);
    return *made;
  }();
  return instance;
}

}  // namespace

void set_level(Level level) { logger().set_level(to_spdlog(level)); }

Result<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<Level>(i);
  }
  return Error{Code::usage, "no log level '" + escaped(text) + "'", "Use debug, info, warning, error or off."};
}

std::string_view name(Level level) { return kNames.at(static_cast<std::size_t>(level)); }

bool enabled(Level level) { return logger().should_log(to_spdlog(level)); }

void write(Level level, std::string_view message) {
  if (enabled(level)) logger().log(to_spdlog(level), spdlog::string_view_t(escaped(message)));
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", byte);
      out += hex.data();
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace flowrra::log
