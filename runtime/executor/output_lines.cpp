#include "executor/output_lines.hpp"

#include <algorithm>

#include "host/output_mark.hpp"

namespace flowrra {
namespace {

// Cuts off the whole lines, and pieces of longer ones; what is left.
std::string_view cut(std::string_view text, std::uint64_t call, std::vector<OutputLine>& out) {
  while (!text.empty()) {
    const std::size_t end = text.substr(0, OutputLines::kMaxLine + 1).find('\n');
    if (end == std::string_view::npos && text.size() <= OutputLines::kMaxLine) break;
    out.push_back({call, std::string(text.substr(0, std::min(end, OutputLines::kMaxLine)))});
    text.remove_prefix(end == std::string_view::npos ? OutputLines::kMaxLine : end + 1);
  }
  return text;
}

void cut_all(std::string_view text, std::uint64_t call, std::vector<OutputLine>& out) {
  const std::string_view rest = cut(text, call, out);
  if (!rest.empty()) out.push_back({call, std::string(rest)});
}

// How much of the text is surely no beginning of a mark.
std::size_t without_begun_mark(std::string_view text) {
  for (std::size_t i = text.size() - std::min(text.size(), kMarkSize - 1); i < text.size(); ++i) {
    const std::string_view tail = text.substr(i);
    if (tail.starts_with(kMarkBegin) || kMarkBegin.starts_with(tail)) return i;
  }
  return text.size();
}

}  // namespace

std::vector<OutputLine> OutputLines::feed(std::string_view bytes, std::uint64_t before, std::uint64_t after, bool all) {
  std::vector<OutputLine> out;
  held_ += bytes;
  std::string_view rest = held_;
  for (;;) {
    const std::size_t at = rest.find(kMarkBegin);
    if (at == std::string_view::npos || rest.size() - at < kMarkSize) break;
    last_mark_ = call_of_mark(rest.substr(at, kMarkSize));
    cut_all(rest.substr(0, at), last_mark_, out);
    rest.remove_prefix(at + kMarkSize);
  }
  if ((all && before == after) || rest.size() > kMaxHeld) {
    const std::size_t sure = without_begun_mark(rest);
    rest.remove_prefix(sure - cut(rest.substr(0, sure), after, out).size());
  }
  held_.erase(0, held_.size() - rest.size());
  return out;
}

std::vector<OutputLine> OutputLines::end(std::uint64_t call) {
  std::vector<OutputLine> out;
  cut_all(held_, call, out);
  held_.clear();
  return out;
}

}  // namespace flowrra
