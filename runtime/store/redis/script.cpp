// As base/sha256.cpp: OpenSSL's low-level functions are there at once, where the newer interface loads providers first.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>

#include <array>

#include "store/redis/connection.hpp"

namespace flowrra::redis {

Script make_script(std::string_view name, std::string text) {
  SHA_CTX context = {};
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest = {};
  SHA1_Init(&context);
  SHA1_Update(&context, text.data(), text.size());
  SHA1_Final(digest.data(), &context);
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return {name, std::move(text), std::move(hex)};
}

}  // namespace flowrra::redis
