#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

// A running hash. Throws std::runtime_error when OpenSSL fails.
class Digest {
 public:
  explicit Digest(const EVP_MD* method);

  void add(std::string_view bytes);
  // The hash in hexadecimal. Once, at the end.
  std::string hex();

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> state_;
};
