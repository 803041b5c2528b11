#include "progress_bar.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/units.hpp"

namespace flowrra::cli {
namespace {

constexpr Micros kRedraw = std::chrono::milliseconds(100);

}  // namespace

ProgressBar::ProgressBar(std::uint64_t total_bytes)
    : shown_(isatty(STDERR_FILENO) == 1), total_(total_bytes), start_(system_clock().boot()) {}

void ProgressBar::update(std::uint64_t lines, std::uint64_t bytes) {
  const BootTime now = system_clock().boot();
  if (!shown_ || now - drawn_ < kRedraw) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string text = fmt::format("\r\033[K{} lines, {:.0f}/s", lines, static_cast<double>(lines) / seconds);
  if (total_ > 0 && bytes > 0) {
    const double done = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total_));
    const auto width = static_cast<std::size_t>(done * 30);
    text += fmt::format(" [{:<30}] {:.0f} %", std::string(width, '='), done * 100);
    if (const auto left = from_seconds(seconds / done - seconds)) {
      text += ", " + to_text(std::chrono::ceil<std::chrono::seconds>(*left)) + " left";
    }
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
  drawn_once_ = true;
}

void ProgressBar::clear() {
  if (drawn_once_) std::fputs("\r\033[K", stderr);
  drawn_once_ = false;
}

}  // namespace flowrra::cli
