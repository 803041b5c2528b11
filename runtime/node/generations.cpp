#include "node/generations.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace flowrra {
namespace {

constexpr Micros kPatience = std::chrono::seconds(10);  // with the hosts of a new generation
constexpr std::size_t kMostOlder = 8;

}  // namespace

Generations::Generations(Loop& loop, const Clock& clock, const NodeOptions& options, Events events)
    : loop_(loop),
      clock_(clock),
      events_(std::move(events)),
      look_soon_(loop, [this] { look(); }),
      patience_(loop, [this] {
        give_up({Code::timed_out, "its hosts did not come up within 10 s", "The log has what they said."});
      }) {
  current_ = start(options, 1);
}

Generations::Owned Generations::start(const NodeOptions& options, int number) {
  ExecutorEvents events{.finished = events_.finished,
                        .progressed = events_.progressed,
                        .logged = events_.logged,
                        .tasks_changed =
                            [this, number] {
                              if (current_ && current_->number() == number) events_.tasks_changed();
                            },
                        .idle = [this] { look_soon_.request(); },
                        .hosts_changed =
                            [this] {
                              if (next_) look_soon_.request();
                            }};
  return std::make_unique<Generation>(loop_, clock_, options, number, events);
}

template <typename Act>
void Generations::each(Act act) {
  act(*current_);
  if (next_) act(*next_);
  for (const Owned& generation : older_) act(*generation);
}

int Generations::in_flight() const {
  int out = current_->in_flight();
  for (const Owned& generation : older_) out += generation->in_flight();
  return out;
}

void Generations::add_held(std::vector<TaskId>& out) const {
  current_->add_held(out);
  for (const Owned& generation : older_) generation->add_held(out);
}

void Generations::add_health(NodeHealth& out) const {
  current_->add_health(out);
  NodeHealth others;
  if (next_) next_->add_health(others);
  for (const Owned& generation : older_) generation->add_health(others);
  for (HostHealth& host : others.hosts) {
    const bool gone = host.pid == 0 && host.held == 0;
    if (!gone) out.hosts.push_back(std::move(host));
  }
}

void Generations::replace(const NodeOptions& options, Done done) {
  if (older_.size() >= kMostOlder) {
    done(Error{Code::busy, std::to_string(older_.size()) + " older generations of hosts still finish what they run",
               "Wait for their tasks, or cancel them, and reload again."});
    return;
  }
  done_ = std::move(done);
  patience_.start(kPatience);
  next_ = start(options, current_->number() + 1);
  look_soon_.request();
}

void Generations::look() {
  bury();
  if (!next_) return;
  switch (next_->standing()) {
    case Standing::coming:
      return;
    case Standing::up:
      return take_over();
    case Standing::lacking:
      return give_up({Code::invalid, "a host of the new generation has not all tasks that its plugins offered",
                      "The log names what did not load."});
  }
}

void Generations::take_over() {
  patience_.stop();
  Generation& before = *older_.emplace_back(std::exchange(current_, std::move(next_)));
  std::vector<Job> jobs = before.take_unstarted();
  std::exchange(done_, nullptr)({});
  for (Job& job : jobs) events_.taken_back(std::move(job));
  before.retire();
}

void Generations::give_up(const Error& why) {
  patience_.stop();
  if (!next_) return;
  next_->stop_hosts();
  older_.push_back(std::move(next_));
  std::exchange(done_, nullptr)(why);
}

// Those that have ended are destroyed here, outside of their own events.
void Generations::bury() {
  std::erase_if(older_, [](const Owned& generation) {
    if (generation->ended()) log::debug("generation " + std::to_string(generation->number()) + " of hosts has ended");
    return generation->ended();
  });
  if (!stopping_ || told_ended_ || !current_->ended() || !older_.empty()) return;
  told_ended_ = true;
  events_.ended();
}

void Generations::cancel(const TaskId& task) {
  each([&](Generation& generation) { generation.cancel(task); });
}

void Generations::release_all() {
  each([](Generation& generation) { generation.release_all(); });
}

void Generations::stop() {
  stopping_ = true;
  patience_.stop();
  done_ = nullptr;
  if (next_) older_.push_back(std::move(next_));
  each([](Generation& generation) { generation.stop_hosts(); });
  look_soon_.request();
}

}  // namespace flowrra
