#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/redis/reply.hpp"
#include "store/redis/stream.hpp"

namespace flowrra::redis {

// A stream with the server's answers taken out of it: commands go in as bytes, answers come out whole. Errors as those
// of a stream, and unreachable where the bytes are no answers.
class Link {
 public:
  explicit Link(std::unique_ptr<Stream> stream);

  Status send(std::string_view commands, const Until& until) { return stream_->send(commands, until); }
  Result<Reply> receive(const Until& until);
  // False when the server has closed, or has said what nobody asked for: to be asked between two commands.
  [[nodiscard]] bool is_idle() const { return reader_.is_empty() && stream_->is_idle(); }
  // False when the last receive() has taken all that had arrived.
  [[nodiscard]] bool may_have_more() const { return !reader_.is_empty() || stream_->may_have_more(); }
  [[nodiscard]] int fd() const { return stream_->fd(); }

 private:
  static constexpr std::size_t kRoom = std::size_t{64} * 1024;
  std::unique_ptr<Stream> stream_;
  ReplyReader reader_;
  std::unique_ptr<char[]> room_;
};

}  // namespace flowrra::redis
