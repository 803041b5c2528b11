#include "store/redis/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "store/redis/tls_context.hpp"

namespace flowrra::redis {
namespace {

int socket_of(BIO* bio) { return static_cast<const UniqueFd*>(BIO_get_data(bio))->get(); }

// OpenSSL's own BIO for sockets writes with write(), which raises SIGPIPE; these are its two functions without that.
int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* room, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(socket_of(bio), room, static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_ctrl(method, bio_control);
  return method;
}

// The socket stays where it is for as long as the session lives.
bool attach(SSL* session, UniqueFd& socket) {
  static BIO_METHOD* const method = make_method();  // for the life of the process
  BIO* const bio = BIO_new(method);
  if (bio == nullptr) return false;
  BIO_set_data(bio, &socket);
  BIO_set_init(bio, 1);
  SSL_set_bio(session, bio, bio);
  return true;
}

class TlsStream final : public Stream {
 public:
  TlsStream(UniqueFd socket, TlsSession session) : socket_(std::move(socket)), session_(std::move(session)) {}

  Status shake_hands(const Until& until) {
    if (!attach(session_.get(), socket_)) return Error{Code::internal, "TLS cannot be set up", {}};
    return until_done(until, [this] { return SSL_connect(session_.get()); });
  }

  Status send(std::string_view bytes, const Until& until) override {
    while (!bytes.empty()) {
      std::size_t sent = 0;
      auto done = until_done(until, [&] { return SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent); });
      if (!done) return last_words(done.error());
      bytes.remove_prefix(sent);
    }
    return {};
  }

  Result<std::size_t> receive(std::span<char> room, const Until& until) override {
    std::size_t got = 0;
    auto done = until_done(until, [&] { return SSL_read_ex(session_.get(), room.data(), room.size(), &got); });
    if (!done) return done.error();
    return got;
  }

  // What has arrived unasked may be a new session ticket, which says nothing: only an end of the stream counts.
  [[nodiscard]] bool is_idle() const override {
    pollfd socket = {socket_.get(), POLLRDHUP, 0};
    return SSL_pending(session_.get()) == 0 && poll(&socket, 1, 0) == 0;
  }

  [[nodiscard]] int fd() const override { return socket_.get(); }
  [[nodiscard]] SSL* session() const { return session_.get(); }

 private:
  template <typename Step>
  Status until_done(const Until& until, Step step);
  Error problem(int kind, int problem_errno) const;
  Error last_words(const Error& error);

  UniqueFd socket_;
  TlsSession session_;
};

// Repeats a step of OpenSSL's until it is done, waiting for what it wants in between.
template <typename Step>
Status TlsStream::until_done(const Until& until, Step step) {
  for (;;) {
    ERR_clear_error();
    const int done = step();
    const int problem_errno = errno;
    if (done > 0) return {};
    const int kind = SSL_get_error(session_.get(), done);
    if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) return problem(kind, problem_errno);
    const short events = kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (auto ready = wait_for(socket_.get(), events, until); !ready) return ready;
  }
}

Error TlsStream::problem(int kind, int problem_errno) const {
  const int reason = ERR_GET_REASON(ERR_peek_error());
  if (kind == SSL_ERROR_ZERO_RETURN || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return {Code::unreachable, "the server closed the connection", {}};
  }
  if (kind == SSL_ERROR_SYSCALL && problem_errno != 0) {
    return {Code::unreachable, "the connection is lost: " + errno_text(problem_errno), {}};
  }
  std::string hint;
  if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED || reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE) {
    hint = "The server may want a certificate of this client: set tls_certificate and tls_private_key.";
  } else if (reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA || reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE) {
    hint = "The server does not trust this client's certificate.";
  }
  return {Code::unreachable, "TLS: " + tls_problem(), std::move(hint)};
}

// A server that turns away the client's certificate says so only after the handshake, and closes: the reason may wait
// behind a failed write.
Error TlsStream::last_words(const Error& error) {
  if (error.code != Code::unreachable) return error;
  char ignored = 0;
  const auto said = receive({&ignored, 1}, {});
  return said || said.error().hint.empty() ? error : said.error();
}

Error not_shaken(const TlsStream& stream, const Endpoint& endpoint, const Error& error) {
  const long verdict = SSL_get_verify_result(stream.session());
  if (error.code != Code::unreachable || verdict == X509_V_OK || endpoint.network.insecure) {
    Error out = error.in("TLS handshake");
    if (out.hint.empty()) out.hint = "If the server has no TLS on this port, write redis:// in the URL.";
    return out;
  }
  const bool wrong_name = verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
  return {Code::unreachable,
          std::string("the server's certificate is not trusted: ") + X509_verify_cert_error_string(verdict),
          wrong_name ? "Write a host in the URL that the certificate names."
                     : "Name the certificate of who signed it in tls_ca_file."};
}

}  // namespace

Result<std::unique_ptr<Stream>> tls_stream(UniqueFd socket, const Endpoint& endpoint, const Until& until) {
  auto session = tls_session(endpoint);
  if (!session) return session.error();
  auto stream = std::make_unique<TlsStream>(std::move(socket), *std::move(session));
  if (auto shaken = stream->shake_hands(until); !shaken) return not_shaken(*stream, endpoint, shaken.error());
  return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace flowrra::redis
