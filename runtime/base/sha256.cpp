// OpenSSL's low-level functions: they are a few kilobytes, use the processor's own instructions, and are there at once,
// where the newer interface is four megabytes and loads providers first.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/sha256.hpp"

#include <openssl/sha.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace flowrra {

struct Sha256::State {
  SHA256_CTX context{};
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) { SHA256_Update(&state_->context, bytes.data(), bytes.size()); }

std::string Sha256::hex() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_Final(digest.data(), &state_->context);
  std::string out;
  for (const unsigned char byte : digest) {
    out += "0123456789abcdef"[byte >> 4U];
    out += "0123456789abcdef"[byte & 15U];
  }
  return out;
}

Result<std::string> sha256_of_file(int fd) {
  Sha256 digest;
  std::vector<char> bytes(std::size_t{256} * 1024);
  for (off_t at = 0;;) {
    const ssize_t got = pread(fd, bytes.data(), bytes.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::internal, "cannot read the file: " + errno_text(errno), {}};
    if (got == 0) return digest.hex();
    digest.add({bytes.data(), static_cast<std::size_t>(got)});
    at += got;
  }
}

}  // namespace flowrra
