#include "base/log.hpp"

#define SPDLOG_FMT_EXTERNAL
#define SPDLOG_NO_EXCEPTIONS
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/line_writer.hpp"
#include "base/utf8.hpp"

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

// Standard error, in colour on a terminal.
class StandardError final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    std::string line(text.data(), text.size());
    if (terminal_ && message.color_range_end > message.color_range_start) {
      line.insert(message.color_range_end, "\033[m");
      line.insert(message.color_range_start, colour(message.level));
    }
    writer_.write(line);
  }
  void flush_() override {}

 private:
  static const char* colour(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err) return "\033[31m\033[1m";
    if (level == spdlog::level::warn) return "\033[33m\033[1m";
    return level == spdlog::level::info ? "\033[32m" : "\033[36m";
  }

  const bool terminal_ =
      isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;  // NOLINT(concurrency-mt-unsafe)
  LineWriter writer_{STDERR_FILENO};
};

spdlog::logger& logger() {
  static spdlog::logger& instance = []() -> spdlog::logger& {
    auto sink = std::make_shared<StandardError>();
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%f%z %^%l%$ %v");
    // Never destroyed: threads may still log while the process ends.
    auto* made = new spdlog::logger("flowrra", std::move(sink));  // NOLINT(cppcoreguidelines-owning-memory)
    made->set_level(spdlog::level::warn);
    made->flush_on(spdlog::level::debug);
    return *made;
  }();
  return instance;
}

// The code point of a character that drives terminals or hides the order of text; 0 for any other. `character` is
// well-formed.
unsigned misleading(std::string_view character) {
  const auto bits = [&](std::size_t i) { return static_cast<unsigned char>(character[i]) & 0x3FU; };
  if (character.size() == 2) {
    const unsigned point = (static_cast<unsigned char>(character[0]) & 0x1FU) << 6U | bits(1);
    return point < 0xA0 ? point : 0;  // C1 controls
  }
  if (character.size() != 3) return 0;
  const unsigned point = (static_cast<unsigned char>(character[0]) & 0x0FU) << 12U | bits(1) << 6U | bits(2);
  const bool separator = point == 0x2028 || point == 0x2029;
  const bool direction = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
  return separator || direction ? point : 0;
}

void append_number(std::string& out, const char* format, unsigned number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), format, number);
  out += text.data();
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
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (text[0] == '\n') {
      out += "\\n";
    } else if (text[0] == '\t') {
      out += "\\t";
    } else if (length == 0 || byte < 0x20 || byte == 0x7f) {
      append_number(out, "\\x%02x", byte);
    } else if (const unsigned point = misleading(text.substr(0, length)); point != 0) {
      append_number(out, "\\u%04x", point);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string escaped_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(json), 1);
    const unsigned point = json[0] == '\x7f' ? 0x7f : misleading(json.substr(0, length));
    if (point != 0) {
      append_number(out, "\\u%04x", point);
    } else {
      out += json.substr(0, length);
    }
    json.remove_prefix(length);
  }
  return out;
}

}  // namespace flowrra::log
