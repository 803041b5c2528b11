#include <charconv>
#include <new>
#include <system_error>

#include "store/redis/reply.hpp"

namespace flowrra::redis {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30U;
constexpr int kMostElements = 1 << 22;
constexpr std::size_t kMostInLine = std::size_t{1} << 16U;
constexpr std::size_t kMostInLength = 32;  // 20 digits, sign and line end: more is no number

redisReplyObjectFunctions default_functions() {
  redisReader* const reader = redisReaderCreate();
  if (reader == nullptr) throw std::bad_alloc();
  const redisReplyObjectFunctions functions = *reader->fn;
  redisReaderFree(reader);
  return functions;
}

const redisReplyObjectFunctions& original() {
  static const redisReplyObjectFunctions functions = default_functions();
  return functions;
}

// hiredis takes eight bytes for each element that an array claims to have, before any of them has arrived.
void* create_array(const redisReadTask* task, int elements) {
  return elements > kMostElements ? nullptr : original().createArray(task, elements);
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  if (task->type != REDIS_REPLY_STRING && size > kMostInLine) return nullptr;
  return original().createString(task, text, size);
}

redisReplyObjectFunctions* guarded() {
  static redisReplyObjectFunctions functions = [] {
    redisReplyObjectFunctions out = original();
    out.createArray = create_array;
    out.createString = create_string;
    return out;
  }();
  return &functions;
}

}  // namespace

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(guarded())) {
  if (!reader_) throw std::bad_alloc();
  reader_->maxbuf = std::size_t{1} << 20U;  // what an empty buffer may keep for the next answer
}

void ReplyReader::feed(std::string_view bytes) {
  pending_bytes_ += bytes.size();
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

std::optional<Reply> ReplyReader::next() {
  if (!broken().empty()) return std::nullopt;
  void* raw = nullptr;
  if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) return std::nullopt;
  if (raw == nullptr) {
    check_pending();
    return std::nullopt;
  }
  pending_bytes_ = reader_->len - reader_->pos;
  return Reply(static_cast<redisReply*>(raw));
}

// hiredis waits for the end of a line, and of a string, however long they get, and looks through the line from its
// start with every piece that arrives.
void ReplyReader::check_pending() {
  if (pending_bytes_ > kMostBytes) broken_ = "an answer has no end";
  if (reader_->ridx < 0) return;
  const int type = reader_->rstack[reader_->ridx].type;
  const std::string_view unread(reader_->buf + reader_->pos, reader_->len - reader_->pos);
  if (type != REDIS_REPLY_STRING) {
    const std::size_t most = type == REDIS_REPLY_ARRAY ? kMostInLength : kMostInLine + 1;
    if (unread.size() > most) broken_ = "a line has no end";
    return;
  }
  const std::string_view length = unread.substr(0, unread.substr(0, kMostInLength).find("\r\n"));
  if (length.size() > kMostInLength) broken_ = "a length has no end";
  std::size_t value = 0;
  const auto problem = std::from_chars(length.data(), length.data() + length.size(), value).ec;
  if (value > kMostBytes || problem == std::errc::result_out_of_range) broken_ = "an answer is too long";
}

std::string_view ReplyReader::broken() const {
  if (!broken_.empty()) return broken_;
  if (reader_->err == REDIS_OK) return {};
  if (reader_->err == REDIS_ERR_OOM) return "an answer is too long, or there is no memory for it";
  return static_cast<const char*>(reader_->errstr);
}

}  // namespace flowrra::redis
