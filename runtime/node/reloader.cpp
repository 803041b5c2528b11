#include "node/reloader.hpp"

#include <algorithm>
#include <utility>

namespace flowrra {

Reloader::Reloader(Loop& loop, Events events) : events_(std::move(events)), read_(loop, [this] { on_read(); }) {}

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

void Reloader::ask(std::int64_t request) {
  if (stopped_ || (request != 0 && request <= seen_)) return;
  seen_ = std::max(seen_, request);
  if (busy_) {
    again_ = true;
  } else {
    begin();
  }
}

void Reloader::begin() {
  busy_ = true;
  answering_ = seen_;
  thread_ = std::thread([this, read = events_.reader()] {
    answer_.emplace(read());
    read_.signal();
  });
}

void Reloader::on_read() {
  thread_.join();
  auto offer = *std::exchange(answer_, std::nullopt);
  if (stopped_) return;
  if (!offer) return finish(offer.error());
  events_.replace(*std::move(offer), [this](const Status& status) { finish(status); });
}

void Reloader::finish(const Status& status) {
  busy_ = false;
  events_.over(answering_, status);
  if (std::exchange(again_, false) && !stopped_) begin();
}

}  // namespace flowrra
