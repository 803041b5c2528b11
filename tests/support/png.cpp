#include "support/png.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace flowrra::test {
namespace {

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

std::uint32_t crc32(std::string_view data) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

std::uint32_t adler32(std::string_view data) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : data) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data + big_endian(crc32(type + data));
}

// The zlib format with stored blocks: nothing is compressed (RFC 1950, RFC 1951 section 3.2.4).
std::string zlib_stored(const std::string& data) {
  constexpr std::size_t kBlock = 65535;
  std::string out = "\x78\x01";
  for (std::size_t at = 0; at < data.size(); at += kBlock) {
    const std::size_t size = std::min(kBlock, data.size() - at);
    out += at + size == data.size() ? '\x01' : '\x00';
    for (const std::size_t length : {size, ~size}) {
      out += static_cast<char>(length & 0xffU);
      out += static_cast<char>(length >> 8 & 0xffU);
    }
    out.append(data, at, size);
  }
  return out + big_endian(adler32(data));
}

}  // namespace

std::string gradient_png(unsigned width, unsigned height) {
  std::string pixels;
  for (unsigned y = 0; y < height; ++y) {
    pixels += '\0';  // this row is not filtered
    for (unsigned x = 0; x < width; ++x) {
      pixels += static_cast<char>(x * 255 / width);
      pixels += static_cast<char>(y * 255 / height);
      pixels += '\x40';
    }
  }
  const std::string form("\x08\x02\x00\x00\x00", 5);  // 8 bits, RGB
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", big_endian(width) + big_endian(height) + form) +
         chunk("IDAT", zlib_stored(pixels)) + chunk("IEND", {});
}

}  // namespace flowrra::test
