#include "task/task.hpp"

#include <algorithm>

namespace flowrra {
namespace {

constexpr std::size_t kMaxName = 128;

bool in_alphabet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string_view name(Kind kind) { return kind == Kind::io ? "io" : "cpu"; }

std::optional<Kind> parse_kind(std::string_view text) {
  if (text == "io") return Kind::io;
  if (text == "cpu") return Kind::cpu;
  return std::nullopt;
}

bool valid_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && std::all_of(text.begin(), text.end(), in_alphabet);
}

}  // namespace flowrra
