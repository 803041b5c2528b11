#include "task/task.hpp"

#include <algorithm>
#include <array>

namespace flowrra {
namespace {

constexpr std::size_t kMaxName = 128;

// By the character's byte. Every id of a batch goes through it twice.
constexpr auto kAlphabet = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")) {
    out[static_cast<unsigned char>(c)] = true;
  }
  return out;
}();

constexpr auto in_alphabet = [](char c) { return kAlphabet[static_cast<unsigned char>(c)]; };

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
