#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.hpp"
#include "store/redis/endpoint.hpp"

namespace flowrra::redis {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTls>;
using TlsSession = std::unique_ptr<SSL, FreeTls>;

// A session that trusts whom the endpoint says, shows its certificate and expects its host; not connected yet.
// Errors: config (a file of certificates or keys cannot be used).
Result<TlsSession> tls_session(const Endpoint& endpoint);

// OpenSSL's word for what went wrong first, "" where it has none.
std::string tls_problem();

}  // namespace flowrra::redis
