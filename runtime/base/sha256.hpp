#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowrra {

// The SHA-256 digest (FIPS 180-4) of what was added.
class Sha256 {
 public:
  void add(std::string_view bytes);
  // 64 lower-case hexadecimal digits; nothing may be added after it.
  [[nodiscard]] std::string hex();

 private:
  void block(const unsigned char* bytes);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> rest_{};
  std::size_t held_ = 0;     // bytes in rest_
  std::uint64_t total_ = 0;  // bytes added
};

// The digest of a file's whole content, from its beginning, wherever the descriptor stands. Code::internal when it
// cannot be read.
Result<std::string> sha256_of_file(int fd);

}  // namespace flowrra
