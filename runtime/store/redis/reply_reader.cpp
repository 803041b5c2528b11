#include <algorithm>
#include <charconv>
#include <cstddef>
#include <new>
#include <system_error>

#include "store/redis/reply.hpp"

namespace flowrra::redis {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30U;
constexpr int kMostElements = 1 << 22;
constexpr std::size_t kMostInLine = std::size_t{1} << 16U;
constexpr std::size_t kMostInLength = 32;  // 20 digits, sign and line end: more is no number

// Room in the answer's arena. Null when there is none: hiredis ends the stream then.
void* room(const redisReadTask* task, std::size_t size) noexcept {
  try {
    return static_cast<Arena*>(task->privdata)->allocate(size, alignof(std::max_align_t));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

// A part of an answer, hung into the array that it is in.
redisReply* part(const redisReadTask* task) {
  void* const memory = room(task, sizeof(redisReply));
  if (memory == nullptr) return nullptr;
  auto* const out = new (memory) redisReply{};
  out->type = task->type;
  if (task->parent != nullptr) static_cast<redisReply*>(task->parent->obj)->element[task->idx] = out;
  return out;
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  if (task->type != REDIS_REPLY_STRING && size > kMostInLine) return nullptr;
  auto* const copy = static_cast<char*>(room(task, size + 1));
  redisReply* const out = copy != nullptr ? part(task) : nullptr;
  if (out == nullptr) return nullptr;
  std::copy_n(text, size, copy);
  copy[size] = '\0';
  out->str = copy;
  out->len = size;
  return out;
}

// Eight bytes are taken for each element that an array claims to have, before any of them has arrived.
void* create_array(const redisReadTask* task, int elements) {
  if (elements > kMostElements) return nullptr;
  const auto count = static_cast<std::size_t>(std::max(elements, 0));
  auto* const list = static_cast<redisReply**>(room(task, count * sizeof(redisReply*)));
  redisReply* const out = list != nullptr ? part(task) : nullptr;
  if (out == nullptr) return nullptr;
  std::fill_n(list, count, nullptr);
  out->element = list;
  out->elements = count;
  return out;
}

void* create_integer(const redisReadTask* task, long long value) {
  redisReply* const out = part(task);
  if (out != nullptr) out->integer = value;
  return out;
}

void* create_nil(const redisReadTask* task) {  // said as a string, or an array, of a length below 0
  redisReply* const out = part(task);
  if (out != nullptr) out->type = REDIS_REPLY_NIL;
  return out;
}

void free_nothing(void*) {}  // it goes with the arena

redisReplyObjectFunctions* functions() {
  static redisReplyObjectFunctions all = {create_string, create_array, create_integer, create_nil, free_nothing};
  return &all;
}

}  // namespace

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(functions())) {
  if (!reader_) throw std::bad_alloc();
  reader_->maxbuf = std::size_t{1} << 20U;  // what an empty buffer may keep for the next answer
  begin();
}

void ReplyReader::begin() {
  arena_ = std::make_unique<Arena>();
  reader_->privdata = arena_.get();
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
  Reply out(static_cast<const redisReply*>(raw), std::move(arena_));
  begin();
  return out;
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
