#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "store/redis/endpoint.hpp"
#include "store/redis/until.hpp"

namespace flowrra::redis {

// Bytes to a server and back. Never waits beyond what it is given, and never raises SIGPIPE. After an error it is of no
// use any more. Errors: unreachable (closed, reset, not in time), interrupted (the stop descriptor is readable).
class Stream {
 public:
  virtual ~Stream() = default;

  // Sends all of it; after an error some of it may have gone, but never all.
  virtual Status send(std::string_view bytes, const Until& until) = 0;

  // What has arrived, at least a byte. An orderly end of the stream is an error, too.
  virtual Result<std::size_t> receive(std::span<char> room, const Until& until) = 0;

  // False when the peer has closed, or has sent what nobody asked for: to be asked between two commands.
  [[nodiscard]] virtual bool is_idle() const = 0;

  // False when the last receive() has taken all that had arrived.
  [[nodiscard]] virtual bool may_have_more() const { return true; }

  // The socket, to be waited for.
  [[nodiscard]] virtual int fd() const = 0;
};

// Waits for what poll() calls `events`. Errors as those of a stream.
Status wait_for(int fd, short events, const Until& until);

// A stream over a connected non-blocking socket, without encryption.
std::unique_ptr<Stream> plain_stream(UniqueFd socket);

// Connects, and encrypts where the endpoint says so.
Result<std::unique_ptr<Stream>> open_stream(const Endpoint& endpoint, const Until& until);

}  // namespace flowrra::redis
