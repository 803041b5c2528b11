#include "store/redis/reply.hpp"

#include <charconv>

namespace flowrra::redis {

std::string_view ReplyView::text() const {
  if (raw_ == nullptr) return {};
  switch (raw_->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      return {raw_->str, raw_->len};
    default:
      return {};
  }
}

std::int64_t ReplyView::number() const {
  if (raw_ != nullptr && raw_->type == REDIS_REPLY_INTEGER) return raw_->integer;
  const std::string_view digits = text();
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace flowrra::redis
