#include "base/utf8.hpp"

#include <cstddef>

namespace flowrra {
namespace {

// The bytes that may follow a lead byte: how many, and the bounds of the first of them.
struct Tail {
  int count = -1;  // -1: no lead byte
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Tail tail_of(unsigned char lead) {
  if (lead < 0x80) return {0, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return {1, 0x80, 0xBF};
  if (lead == 0xE0) return {2, 0xA0, 0xBF};
  if (lead == 0xED) return {2, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {2, 0x80, 0xBF};
  if (lead == 0xF0) return {3, 0x90, 0xBF};
  if (lead == 0xF4) return {3, 0x80, 0x8F};
  if (lead >= 0xF1 && lead <= 0xF3) return {3, 0x80, 0xBF};
  return {};
}

}  // namespace

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Tail tail = tail_of(static_cast<unsigned char>(text[i++]));
    if (tail.count < 0 || text.size() - i < static_cast<std::size_t>(tail.count)) return false;
    for (int k = 0; k < tail.count; ++k, ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte < (k == 0 ? tail.low : 0x80) || byte > (k == 0 ? tail.high : 0xBF)) return false;
    }
  }
  return true;
}

}  // namespace flowrra
