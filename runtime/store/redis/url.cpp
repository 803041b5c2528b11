#include "store/redis/url.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace flowrra::redis {
namespace {

Error wrong(std::string message) {
  return {
      Code::config, "the Redis URL is wrong: " + std::move(message),
      "Write redis://[user:password@]host[:port][/database], rediss://… for TLS, or "
      "unix://[user:password@]/path[?database=N]; in user and password write @ as %40, : as %3A, / as %2F, % as %25."};
}

std::optional<int> number(std::string_view digits, int most) {
  int value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, problem] = std::from_chars(digits.data(), end, value);
  if (problem != std::errc{} || at != end || digits.front() == '-' || value > most) return std::nullopt;
  return value;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view hex = text.substr(i + 1, 2);
    const auto [at, problem] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    if (hex.size() != 2 || problem != std::errc{} || at != hex.data() + 2) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

// "user:password", ":password" or "user".
Status read_user(std::string_view text, UrlParts& out) {
  const std::size_t colon = text.find(':');
  out.has_password = colon != std::string_view::npos;
  const auto user = decoded(text.substr(0, colon));
  const auto password = decoded(out.has_password ? text.substr(colon + 1) : std::string_view());
  if (!user || !password) return wrong("a % in user or password is not followed by two hex digits");
  if (out.has_password && password->find('\0') != std::string::npos) return wrong("the password holds a NUL");
  out.endpoint.user = *user;
  out.endpoint.password = *password;
  return {};
}

bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

bool is_ipv6(std::string_view host) {
  in6_addr ignored = {};
  return inet_pton(AF_INET6, std::string(host).c_str(), &ignored) == 1;
}

// "host", "host:port", "[address]", "[address]:port".
Status read_host(std::string_view text, Endpoint& out) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1))) {
      return wrong("there is no IPv6 address between the brackets");
    }
    out.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    has_port = !port.empty();
    if (has_port && !port.starts_with(':')) return wrong("something other than a port follows the address");
    if (has_port) port.remove_prefix(1);
  } else {
    const std::size_t colon = text.find(':');
    has_port = colon != std::string_view::npos;
    out.host = text.substr(0, colon);
    if (has_port) port = text.substr(colon + 1);
    if (has_port && port.find(':') != std::string_view::npos) {
      return wrong("there is more than one : in host and port (an IPv6 address stands in brackets)");
    }
    if (out.host.empty()) return wrong("there is no host");
    if (!is_host(out.host)) return wrong("the host is neither a name nor an address");
  }
  if (!has_port) return {};
  const auto value = port.empty() ? std::nullopt : number(port, 65535);
  if (!value || *value == 0) return wrong("the port is no number from 1 to 65535");
  out.port = *value;
  return {};
}

Status read_database(std::string_view text, Endpoint& out) {
  const auto value = text.empty() ? std::nullopt : number(text, 1'000'000);
  if (!value) return wrong("the database is no number");
  out.database = *value;
  return {};
}

Status read_network(std::string_view rest, UrlParts& out) {
  if (rest.find_first_of("?#") != std::string_view::npos) return wrong("it has a query (?) or a fragment (#)");
  const std::size_t slash = rest.find('/');
  std::string_view place = rest.substr(0, slash);
  const std::size_t at = place.find('@');
  if (at != std::string_view::npos) {
    if (auto user = read_user(place.substr(0, at), out); !user) return user;
    place.remove_prefix(at + 1);
    if (place.find('@') != std::string_view::npos) return wrong("there is more than one @");
  }
  const std::string_view database = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  if (auto host = read_host(place, out.endpoint); !host) return host;
  if (database.empty()) return {};
  return read_database(database, out.endpoint);
}

Status read_unix(std::string_view rest, UrlParts& out) {
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return wrong("there is no absolute path of a socket (unix:///run/redis.sock)");
  if (slash != 0) {
    if (rest[slash - 1] != '@') return wrong("the path of the socket is not absolute (unix:///run/redis.sock)");
    const std::string_view user = rest.substr(0, slash - 1);
    if (user.find('@') != std::string_view::npos) return wrong("there is more than one @");
    if (auto read = read_user(user, out); !read) return read;
  }
  rest.remove_prefix(slash);
  const std::size_t mark = rest.find('?');
  out.endpoint.path = rest.substr(0, mark);
  if (out.endpoint.path.size() >= sizeof(sockaddr_un::sun_path)) {
    return wrong("the path of the socket is longer than " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                 " bytes");
  }
  if (out.endpoint.path.find('\0') != std::string::npos) return wrong("the path of the socket holds a NUL");
  if (mark == std::string_view::npos) return {};
  constexpr std::string_view kDatabase = "database=";
  const std::string_view query = rest.substr(mark + 1);
  if (!query.starts_with(kDatabase)) return wrong("the query is something else than database=N");
  return read_database(query.substr(kDatabase.size()), out.endpoint);
}

}  // namespace

Result<UrlParts> read_url(std::string_view url) {
  UrlParts out;
  const std::size_t end = url.find("://");
  const std::string_view scheme = url.substr(0, end);
  const std::string_view rest = end == std::string_view::npos ? std::string_view() : url.substr(end + 3);
  Status read;
  if (scheme == "unix") {
    read = read_unix(rest, out);
  } else if (scheme == "redis" || scheme == "rediss") {
    out.endpoint.tls = scheme == "rediss";
    read = read_network(rest, out);
  } else {
    read = wrong("it begins with none of redis://, rediss://, unix://");
  }
  if (!read) return read.error();
  return out;
}

}  // namespace flowrra::redis
