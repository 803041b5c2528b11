#include "store/redis/tls_context.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace flowrra::redis {
namespace {

Error unusable(std::string_view option, const std::string& file) {
  return {Code::config, std::string(option) + " " + file + " cannot be used: " + tls_problem(),
          "A PEM file that this user may read is wanted; a key must have no passphrase."};
}

Status add_trust(SSL_CTX* context, const NetworkOptions& network) {
  if (network.insecure) return {};
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (network.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, network.ca_file.c_str()) != 1) {
    return unusable("tls_ca_file", network.ca_file);
  }
  return {};
}

Status add_certificate(SSL_CTX* context, const NetworkOptions& network) {
  if (network.certificate.empty()) return {};
  // Nobody is there to be asked for a passphrase.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_certificate_chain_file(context, network.certificate.c_str()) != 1) {
    return unusable("tls_certificate", network.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, network.private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable("tls_private_key", network.private_key);
  }
  return {};
}

bool is_address(const std::string& host) {
  in6_addr ignored = {};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 || inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

bool expect_host(SSL* session, const std::string& host) {
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(session, host.c_str()) == 1 && SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

}  // namespace

std::string tls_problem() {
  const unsigned long problem = ERR_peek_error();
  if (problem == 0) return {};
  // A file that cannot be opened is an error of the system's, of which OpenSSL has no text.
  if (ERR_SYSTEM_ERROR(problem)) return errno_text(ERR_GET_REASON(problem));
  const char* const text = ERR_reason_error_string(problem);
  return text == nullptr ? "error " + std::to_string(problem) : text;
}

Result<TlsSession> tls_session(const Endpoint& endpoint) {
  ERR_clear_error();
  const TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return Error{Code::internal, "TLS cannot be set up: " + tls_problem(), {}};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (auto trust = add_trust(context.get(), endpoint.network); !trust) return trust.error();
  if (auto certificate = add_certificate(context.get(), endpoint.network); !certificate) return certificate.error();
  TlsSession session(SSL_new(context.get()));
  if (!session || !expect_host(session.get(), endpoint.host)) {
    return Error{Code::internal, "TLS cannot be set up: " + tls_problem(), {}};
  }
  return session;
}

}  // namespace flowrra::redis
