#include "node/reloader.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

namespace flowrra {

Reloader::Reloader(Loop& loop, Events events)
    : events_(std::move(events)), abandon_(eventfd(0, EFD_CLOEXEC)), read_(loop, [this] { on_read(); }) {}

Reloader::~Reloader() {
  stop();
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

void Reloader::stop() {
  stopped_ = true;
  eventfd_write(abandon_.get(), 1);
}

void Reloader::begin() {
  busy_ = true;
  answering_ = seen_;
  thread_ = std::thread([this, read = events_.reader()] {
    answer_.emplace(read(abandon_.get()));
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
