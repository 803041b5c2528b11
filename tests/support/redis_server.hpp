#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::test {

struct RedisOptions {
  bool tcp = true;                                   // listens on a port of the loopback address beside its unix socket
  bool tls = false;                                  // that port speaks nothing but TLS
  bool client_certificates = false;                  // and asks for a certificate of the client
  std::string names = "DNS:localhost,IP:127.0.0.1";  // whom the server's certificate speaks for
  std::string password;                              // of the default user
  std::vector<std::string> users;                    // ACL rules: "worker on >secret ~flowrra* &* +@all"
  std::string append = "no";                         // or "everysec" or "always": when what it was told is on the disk
  std::string max_memory;                            // "5mb"; empty: no bound
  std::string policy = "noeviction";                 // maxmemory-policy
  int databases = 16;
  std::vector<std::string> more;  // lines of redis.conf
};

// A real redis-server with a folder of its own; it ends with this object, and with the thread that started it. It
// saves no snapshots, so that without `append` it forgets everything when it ends. Each function waits until what it
// does is done, with the deadline kPatience, and throws std::runtime_error with what the server wrote otherwise.
// Belongs to one thread, but for url() and its like and for cli(), which any thread may call.
class RedisServer {
 public:
  explicit RedisServer(RedisOptions options = {});
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // One server for the whole test program, started by its first use in the main thread and gone at its end. Tests
  // that share it take a key prefix each, and neither flush it nor change how it is configured.
  static RedisServer& shared();

  // redis://127.0.0.1:PORT/DATABASE, with TLS rediss://localhost:PORT/DATABASE; without TCP socket_url(). With the
  // default user's password if there is one.
  [[nodiscard]] std::string url(int database = 0) const;
  // The same for another user, or with a wrong password.
  [[nodiscard]] std::string url_as(const std::string& user, const std::string& password, int database = 0) const;
  // unix://PATH?database=DATABASE. This socket is always there, and never speaks TLS.
  [[nodiscard]] std::string socket_url(int database = 0) const;
  [[nodiscard]] const std::filesystem::path& socket() const { return socket_; }
  [[nodiscard]] int port() const { return port_; }
  // With `tls` alone.
  [[nodiscard]] const Certificates& certificates() const { return certificates_; }

  void stop();     // SIGTERM: it ends as it wants to
  void kill();     // SIGKILL
  void start();    // again after stop() or kill(): same port, same socket, same data folder
  void restart();  // stop() and start()
  void pause();    // SIGSTOP: connections stay open, nothing is answered
  void resume();   // SIGCONT
  [[nodiscard]] bool running() const { return process_ != nullptr && process_->running(); }

  // Runs a command as a user who may do everything, on a connection of its own; answer and errors as RespClient.
  std::string cli(const std::vector<std::string>& words, int database = 0) const;

  // What it wrote since it was started last.
  [[nodiscard]] std::string log() { return process_ == nullptr ? std::string() : process_->out(); }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

 private:
  void write_configuration() const;
  bool comes_up();
  void end(int signal);

  RedisOptions options_;
  TempDir folder_;
  std::filesystem::path socket_;
  int port_ = 0;
  Certificates certificates_;
  std::unique_ptr<Process> process_;
};

}  // namespace flowrra::test
