#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/redis/endpoint.hpp"
#include "store/redis/reply.hpp"

namespace flowrra::redis {

using Words = std::span<const std::string_view>;  // a command and its arguments

// A Lua script, by its text and the digest that the server knows it by.
struct Script {
  std::string_view name;  // for messages
  std::string text;
  std::string sha1;  // 40 lower-case hex digits
};
Script make_script(std::string_view name, std::string text);

// What the server says of itself with INFO, as far as this user may ask.
struct ServerInfo {
  std::string version;           // "7.0.15"
  std::string maxmemory_policy;  // "noeviction"; empty: not told
  bool append_only = false;      // with aof_known
  bool aof_known = false;
};

// One connection to a server: plain, TLS or a unix socket. Blocking, with a deadline for everything; belongs to one
// thread. A connection that was lost is made anew by the next call: each failed attempt is followed by a pause in
// which calls fail at once, 50 ms at first and doubling up to a second, drawn at random between half of it and all of
// it. What is sent to a server is never sent twice by this class, but for a script that the server does not know
// (NOSCRIPT: nothing of it ran).
class Connection {
 public:
  // Connects, presents itself (AUTH, SELECT, CLIENT SETNAME) and looks at the server: one that may evict keys
  // (maxmemory-policy allkeys-*) is refused with the command that mends it, and one older than 6.2, too.
  // Errors: unreachable (no such host, refused, not in time, not a Redis server, certificate not trusted, LOADING,
  // max_connections of this process are open), denied (wrong user or password, no right to a command), config.
  // No message and no hint ever holds the password. Gives up, with interrupted, once `stop_fd` is readable.
  static Result<std::unique_ptr<Connection>> open(Endpoint endpoint, int stop_fd = -1);

  virtual ~Connection() = default;

  // Sends one command and waits for its answer. The errors of the server, by their first word:
  //   LOADING, BUSY, MASTERDOWN, CLUSTERDOWN, TRYAGAIN  busy; what stands in the way will pass
  //   READONLY                                          unreachable; the connection is closed, so that the next call
  //                                                     resolves the name again: another server may be the primary now
  //   MOVED                                             config, with the node to name in the URL
  //   OOM                                               busy, with a hint on maxmemory and on removing old results
  //   NOAUTH, WRONGPASS, NOPERM                         denied
  //   MISCONF                                           busy: the server cannot save to its disk
  //   everything else                                   internal, with the server's words
  // A failed connection: unreachable.
  virtual Result<Reply> call(Words words) = 0;

  // Runs a script: EVALSHA, or EVAL where the server does not know it yet. `key` is the one key that it names (it
  // decides the node in a cluster). Errors as call(); those of the script itself name it.
  Result<Reply> run(const Script& script, std::string_view key, std::span<const std::string_view> arguments) {
    if (auto sent = send(script, key, arguments); !sent) return sent.error();
    return receive(script, key, arguments);
  }

  // run() in two steps, with the same script, key and arguments for both. Between them nothing may be called but
  // another send() while it goes ahead; answers come in the order of what was sent. Once one failed, so do those behind
  // it.
  virtual Status send(const Script& script, std::string_view key, std::span<const std::string_view> arguments) = 0;
  // Or `interrupted` as soon as `bell` is readable (-1: none): the answer is still to come then.
  virtual Result<Reply> receive(const Script& script, std::string_view key, std::span<const std::string_view> arguments,
                                int bell = -1) = 0;
  // Whether this script may be sent while one answer is awaited. Not before the server has run it on this connection:
  // else it would be asked to load it out of turn.
  [[nodiscard]] virtual bool goes_ahead(const Script& script) const = 0;

  // True when the last call failed after all of it was sent: it may have happened or not. Otherwise it did not: a
  // server does nothing with half a command.
  [[nodiscard]] virtual bool outcome_unknown() const = 0;

  // As it was when the connection was made last.
  [[nodiscard]] virtual const ServerInfo& server() const = 0;
  [[nodiscard]] virtual const Endpoint& endpoint() const = 0;
};

}  // namespace flowrra::redis
