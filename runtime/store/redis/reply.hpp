#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <utility>

namespace flowrra::redis {

// A look at an answer, or at a part of one. Reading what is not there, or is of another type, gives nil, "" or 0: the
// server's word is never trusted to have a certain shape.
class ReplyView {
 public:
  ReplyView() = default;  // nil
  explicit ReplyView(const redisReply* raw) : raw_(raw) {}

  [[nodiscard]] bool is_nil() const { return raw_ == nullptr || raw_->type == REDIS_REPLY_NIL; }
  [[nodiscard]] bool is_error() const { return raw_ != nullptr && raw_->type == REDIS_REPLY_ERROR; }
  [[nodiscard]] bool is_array() const { return raw_ != nullptr && raw_->type == REDIS_REPLY_ARRAY; }

  // Of a string, a status or an error.
  [[nodiscard]] std::string_view text() const;
  // Of an integer, or of a text that is one.
  [[nodiscard]] std::int64_t number() const;
  // Of an array.
  [[nodiscard]] std::size_t size() const { return is_array() ? raw_->elements : 0; }
  ReplyView operator[](std::size_t index) const { return ReplyView(index < size() ? raw_->element[index] : nullptr); }

 private:
  const redisReply* raw_ = nullptr;
};

// Where the parts of one answer lie, one behind the other.
using Arena = std::pmr::monotonic_buffer_resource;

// A whole answer, which it owns.
class Reply {
 public:
  Reply(const redisReply* raw, std::unique_ptr<Arena> arena) : raw_(raw), arena_(std::move(arena)) {}
  [[nodiscard]] ReplyView view() const { return ReplyView(raw_); }

 private:
  const redisReply* raw_;
  std::unique_ptr<Arena> arena_;
};

// Takes the bytes of a stream apart into answers, however they are cut. Trusts nobody: an answer of more than 1 GiB, an
// array of more than 4 million elements and a line of more than 64 KiB break the stream, before memory is taken for
// them.
class ReplyReader {
 public:
  ReplyReader();
  void feed(std::string_view bytes);

  // The next whole answer; nothing when it has not arrived yet, or when the stream is broken.
  std::optional<Reply> next();

  // Whether all that was fed has been read.
  [[nodiscard]] bool is_empty() const { return pending_bytes_ == 0; }

  // Why the bytes are no RESP; empty while they are. Nothing more is read then.
  [[nodiscard]] std::string_view broken() const;

 private:
  void check_pending();
  void begin();

  struct Free {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };
  std::unique_ptr<Arena> arena_;  // of the answer that is being read
  std::unique_ptr<redisReader, Free> reader_;
  std::size_t pending_bytes_ = 0;  // of the answer that has not arrived in full yet
  std::string_view broken_;        // what the reader itself would let pass
};

}  // namespace flowrra::redis
