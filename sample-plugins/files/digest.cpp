#include "digest.hpp"

#include <array>
#include <stdexcept>

Digest::Digest(const EVP_MD* method) : state_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  if (!state_ || EVP_DigestInit_ex(state_.get(), method, nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot begin a hash");
}

void Digest::add(std::string_view bytes) {
  if (EVP_DigestUpdate(state_.get(), bytes.data(), bytes.size()) != 1) throw std::runtime_error("OpenSSL cannot hash");
}

std::string Digest::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(state_.get(), raw.data(), &size) != 1) throw std::runtime_error("OpenSSL cannot end a hash");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[raw[i] >> 4U];
    out += digits[raw[i] & 15U];
  }
  return out;
}
