#pragma once

#include <filesystem>
#include <string>

namespace flowrra::test {

// A certificate authority of the tests, a server and a client that it vouches for, and an authority that vouches for
// neither. PEM files, made by the openssl command and valid for a day.
struct Certificates {
  std::filesystem::path ca;
  std::filesystem::path server;
  std::filesystem::path server_key;
  std::filesystem::path client;
  std::filesystem::path client_key;
  std::filesystem::path other_ca;

  // `names` of the server, as OpenSSL writes them ("DNS:localhost,IP:127.0.0.1"). Throws when openssl fails.
  static Certificates make(const std::filesystem::path& folder, const std::string& names);
};

}  // namespace flowrra::test
