#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowrra {

// The SHA-256 digest (FIPS 180-4) of what was added.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void add(std::string_view bytes);
  // 64 lower-case hexadecimal digits; nothing may be added after it.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The digest of a file's whole content, from its beginning, wherever the descriptor stands. Code::internal when it
// cannot be read.
Result<std::string> sha256_of_file(int fd);

}  // namespace flowrra
