#pragma once

#include <string>

#include "base/result.hpp"
#include "store/store.hpp"

namespace flowrra::redis {

// Where a server is and how to get to it: a URL and the options beside it, checked.
struct Endpoint {
  bool tls = false;
  std::string host;  // a name or an address; an IPv6 address without its brackets
  int port = 6379;
  std::string path;  // of a unix socket, in the place of host and port
  std::string user;  // empty: the server's default user
  std::string password;
  int database = 0;
  Micros timeout = std::chrono::seconds(5);  // for each connect, and for each answer
  NetworkOptions network;

  // The URL without its password, for people.
  [[nodiscard]] std::string name() const;

  // The same with the password that its file holds by now. One that cannot be read leaves the password as it is.
  [[nodiscard]] Endpoint refreshed() const;
};

// Reads redis://[user:password@]host[:port][/database], rediss:// likewise, and
// unix://[user:password@]/path[?database=N]. User and password may be percent-encoded; the password may come from
// network.password_file in the place of the URL.
// Errors: config (what of the URL is wrong; no encryption to a machine that is not this one, unless network.insecure;
// a certificate without its key), denied (a password file that others may read), not_found (there is none).
Result<Endpoint> read_endpoint(const StoreOptions& options);

}  // namespace flowrra::redis
