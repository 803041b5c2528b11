#include "support/redis_server.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "support/free_port.hpp"
#include "support/resp_client.hpp"
#include "support/text.hpp"

namespace flowrra::test {
namespace {

constexpr const char* kAdministrator = "test-administrator";  // of cli(), whatever becomes of the default user
constexpr std::chrono::milliseconds kBetweenLooks{5};

std::string quoted(const std::filesystem::path& path) { return "\"" + path.string() + "\""; }

}  // namespace

RedisServer::RedisServer(RedisOptions options) : options_(std::move(options)), socket_(folder_ / "redis.sock") {
  if (options_.tls) certificates_ = Certificates::make(folder_.path(), options_.names);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  do {
    if (options_.tcp) port_ = free_port();
    write_configuration();
    if (comes_up()) return;
  } while (std::chrono::steady_clock::now() < until);
  throw std::runtime_error("redis-server finds no free port");
}

RedisServer& RedisServer::shared() {
  static RedisServer server;
  return server;
}

std::string RedisServer::url(int database) const { return url_as({}, options_.password, database); }

std::string RedisServer::url_as(const std::string& user, const std::string& password, int database) const {
  const std::string login = user.empty() && password.empty() ? "" : user + ":" + password + "@";
  const std::string number = std::to_string(database);
  if (!options_.tcp) return "unix://" + login + socket_.string() + "?database=" + number;
  const std::string place = std::to_string(port_) + "/" + number;
  return options_.tls ? "rediss://" + login + "localhost:" + place : "redis://" + login + "127.0.0.1:" + place;
}

std::string RedisServer::socket_url(int database) const {
  const std::string login = options_.password.empty() ? "" : ":" + options_.password + "@";
  return "unix://" + login + socket_.string() + "?database=" + std::to_string(database);
}

void RedisServer::write_configuration() const {
  std::ofstream file(folder_ / "redis.conf");
  file << "bind 127.0.0.1\nport " << (options_.tls ? 0 : port_) << "\nunixsocket " << quoted(socket_) << "\ndir "
       << quoted(folder_.path()) << "\ndaemonize no\nsave \"\"\ndatabases " << options_.databases << "\n"
       << "user " << kAdministrator << " on nopass ~* &* +@all\n"
       << "maxmemory-policy " << options_.policy << "\nenable-debug-command local\n"
       << "appendonly " << (options_.append == "no" ? "no" : "yes") << "\n";
  if (options_.append != "no") file << "appendfsync " << options_.append << "\n";
  if (!options_.max_memory.empty()) file << "maxmemory " << options_.max_memory << "\n";
  if (!options_.password.empty()) file << "requirepass " << options_.password << "\n";
  for (const std::string& user : options_.users) file << "user " << user << "\n";
  if (options_.tls) {
    file << "tls-port " << port_ << "\ntls-ca-cert-file " << quoted(certificates_.ca) << "\ntls-cert-file "
         << quoted(certificates_.server) << "\ntls-key-file " << quoted(certificates_.server_key)
         << "\ntls-auth-clients " << (options_.client_certificates ? "yes" : "no") << "\n";
  }
  for (const std::string& line : options_.more) file << line << "\n";
}

// Starts it and waits until it answers; false when somebody else has its port. It listens on its port before it does
// on its socket.
bool RedisServer::comes_up() {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  Command command;
  command.line = {"/usr/bin/env", "setpriv", "--pdeathsig", "KILL", "redis-server", folder_ / "redis.conf"};
  process_ = std::make_unique<Process>(command);
  std::string last;
  do {
    try {
      if (RespClient(socket_).call({"PING"}) == "PONG") return true;
    } catch (const std::runtime_error& error) {  // nobody there yet, or NOAUTH, or LOADING
      last = error.what();
      if (last.starts_with("NOAUTH")) return true;
    }
    if (process_->ends_within(kBetweenLooks)) {
      const Outcome outcome = process_->wait();
      process_.reset();
      if (has(outcome.out, "Address already in use")) return false;
      throw std::runtime_error("redis-server does not start: " + outcome.out + outcome.err);
    }
  } while (std::chrono::steady_clock::now() < until);
  throw std::runtime_error("redis-server does not answer: " + last + "; it wrote: " + log());
}

void RedisServer::start() {
  if (running()) return;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!comes_up()) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("somebody took the port of redis-server");
  }
}

void RedisServer::end(int signal) {
  if (process_ == nullptr) return;
  process_->signal(signal);
  process_->signal(SIGCONT);  // a paused one cannot end by SIGTERM
  process_->wait();
}

void RedisServer::stop() { end(SIGTERM); }

void RedisServer::kill() { end(SIGKILL); }

void RedisServer::restart() {
  stop();
  start();
}

void RedisServer::pause() {
  process_->signal(SIGSTOP);
  siginfo_t ignored{};
  ::waitid(P_PID, static_cast<id_t>(pid()), &ignored, WSTOPPED | WEXITED | WNOWAIT);
}

void RedisServer::resume() { process_->signal(SIGCONT); }

std::string RedisServer::cli(const std::vector<std::string>& words, int database) const {
  RespClient client(socket_);
  client.call({"AUTH", kAdministrator, "any"});
  if (database != 0) client.call({"SELECT", std::to_string(database)});
  return client.call(words);
}

}  // namespace flowrra::test
