#include "store/redis/link.hpp"

namespace flowrra::redis {

Link::Link(std::unique_ptr<Stream> stream)
    : stream_(std::move(stream)), room_(std::make_unique_for_overwrite<char[]>(kRoom)) {}

Result<Reply> Link::receive(const Until& until) {
  for (;;) {
    if (auto reply = reader_.next()) return *std::move(reply);
    if (const std::string_view broken = reader_.broken(); !broken.empty()) {
      return Error{Code::unreachable, "what answers does not speak as a Redis server does: " + std::string(broken), {}};
    }
    const auto got = stream_->receive({room_.get(), kRoom}, until);
    if (!got) return got.error();
    reader_.feed({room_.get(), *got});
  }
}

}  // namespace flowrra::redis
