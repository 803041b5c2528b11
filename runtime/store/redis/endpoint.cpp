#include "store/redis/endpoint.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.hpp"
#include "store/redis/url.hpp"

namespace flowrra::redis {
namespace {

Error about_file(Code code, const std::string& path, const std::string& message, std::string hint = {}) {
  return {code, "password_file " + path + ": " + message, std::move(hint)};
}

Result<std::string> read_password(const std::string& path) {
  constexpr std::size_t kMost = 65536;
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat about = {};
  if (!file || fstat(file.get(), &about) != 0) {
    const Code code = errno == ENOENT ? Code::not_found : errno == EACCES ? Code::denied : Code::config;
    return about_file(code, path, errno_text(errno));
  }
  if (!S_ISREG(about.st_mode)) return about_file(Code::config, path, "is no regular file");
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return about_file(Code::denied, path, "other users have access to it", "Run `chmod 600 " + path + "`.");
  }
  std::string text(kMost + 1, '\0');
  std::size_t size = 0;
  for (ssize_t got = 0; size < text.size(); size += static_cast<std::size_t>(got)) {
    got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0) return about_file(Code::config, path, errno_text(errno));
    if (got == 0) break;
  }
  if (size > kMost) return about_file(Code::config, path, "is longer than a password can be");
  text.resize(size);
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return about_file(Code::config, path, "is empty");
  return text;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr four = {};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  in6_addr six = {};
  return inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) != 0;
}

Status check_network(const Endpoint& endpoint) {
  const NetworkOptions& network = endpoint.network;
  if (network.certificate.empty() != network.private_key.empty()) {
    return Error{Code::config,
                 "tls_certificate and tls_private_key of a Redis store belong together, but one is missing",
                 "Name both files, or none."};
  }
  if (network.max_connections < 1) return Error{Code::config, "max_connections of a Redis store is less than 1", {}};
  if (endpoint.timeout <= Micros::zero()) return Error{Code::config, "the timeout of a Redis store is not above 0", {}};
  if (endpoint.tls || !endpoint.path.empty() || network.insecure || is_loopback(endpoint.host)) return {};
  return Error{Code::config, "no encryption to another machine: " + endpoint.name(),
               "Write rediss:// in the URL, or set insecure = true where the network itself is trusted."};
}

}  // namespace

std::string Endpoint::name() const {
  const std::string who = user.empty() ? std::string() : user + "@";
  if (!path.empty()) return "unix://" + who + path + (database == 0 ? "" : "?database=" + std::to_string(database));
  const std::string where = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return (tls ? "rediss://" : "redis://") + who + where + ":" + std::to_string(port) +
         (database == 0 ? "" : "/" + std::to_string(database));
}

Endpoint Endpoint::refreshed() const {
  Endpoint out = *this;
  if (network.password_file.empty()) return out;
  if (auto now = read_password(network.password_file)) out.password = *std::move(now);
  return out;
}

Result<Endpoint> read_endpoint(const StoreOptions& options) {
  auto parts = read_url(options.url);
  if (!parts) return parts.error();
  Endpoint endpoint = std::move(parts->endpoint);
  endpoint.timeout = options.busy_timeout;
  endpoint.network = options.network;
  if (auto checked = check_network(endpoint); !checked) return checked.error();
  const std::string& file = options.network.password_file;
  if (!file.empty()) {
    if (parts->has_password) {
      return Error{Code::config, "a password in the URL of " + endpoint.name() + " and a password_file beside it",
                   "Keep one of them."};
    }
    auto password = read_password(file);
    if (!password) return password.error();
    endpoint.password = *std::move(password);
  } else if (!endpoint.user.empty() && !parts->has_password) {
    return Error{Code::config, "a user without a password in the URL of " + endpoint.name(),
                 "Write user:password@ in the URL, or name a password_file."};
  }
  return endpoint;
}

}  // namespace flowrra::redis
