#include "node/node.hpp"

#include <unistd.h>

#include <utility>

#include "base/log.hpp"
#include "base/process_stat.hpp"

namespace flowrra {
namespace {

constexpr int kBeatsToCompare = 3;  // of the session: once a lease what the store says is compared with what is held

// How long a stopping node tries to settle what it released before it leaves that to the recovery.
constexpr Micros kSettleGrace = std::chrono::seconds(10);

}  // namespace

Node::Node(Loop& loop, const Clock& clock, NodeOptions options, std::unique_ptr<Store> broker,
           std::unique_ptr<Store> backend, Events events)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      events_(std::move(events)),
      broker_(loop, std::move(broker)),
      session_(loop, clock, broker_, about(), options_.lease,
               {.opened = [this](const SessionId& id) { on_session(id); },
                .lost = [this] { on_session_lost(); },
                .beat = [this] { on_beat(); },
                .closed =
                    [this] {
                      session_closed_ = true;
                      on_hosts_ended();
                    },
                .health = [this] { return to_json(health()); },
                .refused = [this](const Error& error) { on_refused(error); }}),
      reaper_(loop, clock, broker_, options_.lease),
      reloader_(loop, reload_events()),
      drain_timer_(loop, [this] { on_drain_timer(); }) {
  if (backend) backend_ = std::make_unique<Courier>(loop, std::move(backend));
  if (options_.ttl) janitor_.emplace(loop, clock, broker_, *options_.ttl);
  if (options_.ttl && backend_) backend_janitor_.emplace(loop, clock, *backend_, *options_.ttl);
  outbox_ =
      std::make_unique<Outbox>(loop, clock, options_.name, backend_.get(), [this] { dispatcher_->settle_soon(); });
  hosts_ = std::make_unique<Generations>(loop, clock, options_, host_events());
  dispatcher_ = std::make_unique<Dispatcher>(loop, clock, options_, broker_, *outbox_, *hosts_, dispatcher_events());
}

Node::~Node() = default;

Session Node::about() const {
  Session session;
  session.node = options_.name;
  session.pid = getpid();
  if (const auto own = process_stat(getpid())) session.pid_start = own->start;
  session.queues = options_.queues;
  for (const TaskSpec& spec : options_.specs) session.tasks.insert(session.tasks.end(), {spec.name, version_of(spec)});
  session.plugins = options_.plugins;
  if (hosts_) session.generation = hosts_->current().number();
  return session;
}

Generations::Events Node::host_events() {
  return {
      .finished = [this](const Job& job, AttemptReport&& report) { dispatcher_->on_finished(job, std::move(report)); },
      .progressed = [this](const Lease& lease,
                           std::string progress) { dispatcher_->on_progress(lease, std::move(progress)); },
      .logged = [this](const Lease& lease, const LogLine& line) { dispatcher_->on_log(lease, line); },
      .tasks_changed = [this] { dispatcher_->choose_names(); },
      .taken_back = [this](Job job) { dispatcher_->start_anew(std::move(job)); },
      .ended =
          [this] {
            hosts_ended_ = true;
            on_hosts_ended();
          }};
}

Dispatcher::Events Node::dispatcher_events() {
  return {.session_lost = [this] { session_.lose(); },
          .empty =
              [this] {
                if (options_.exit_when_empty) drain();
              },
          .settled = [this] { on_settled(); },
          .reload_asked = [this](std::int64_t request) { on_reload_asked(request); }};
}

void Node::start() {
  publish();
  session_.open();
  reaper_.start();
  if (janitor_) janitor_->start();
  if (backend_janitor_) backend_janitor_->start();
}

NodeHealth Node::health() const {
  constexpr Micros kHeldUp = std::chrono::seconds(1);
  NodeHealth out;
  out.at = clock_.wall();
  out.lease = options_.lease;
  out.draining = phase_ != Phase::running;
  PartHealth loop{"loop", session_.late(), 0};
  if (session_.late() > kHeldUp) loop.stuck = "was held up for " + to_text(session_.late());
  out.parts.push_back(std::move(loop));
  dispatcher_->add_health(out);
  out.parts.push_back(reaper_.health());
  if (janitor_) out.parts.push_back(janitor_->health());
  hosts_->add_health(out);
  return out;
}

void Node::publish() {
  auto specs = std::make_shared<std::vector<TaskSpec>>(options_.specs);
  for (const TaskSpec& spec : options_.specs) specs->emplace_back(spec).name = version_of(spec);
  unpublished_ = false;
  broker_.post([specs](Store& store) { return store.directory().publish(*specs); },
               [this](const Status& status) {
                 if (status) return;
                 log::error("cannot publish the tasks: " + status.error().message);
                 unpublished_ = true;
               });
}

void Node::on_session(const SessionId& id) {
  if (phase_ != Phase::running) return;
  reloader_.forget_requests();
  if (unpublished_) publish();
  dispatcher_->claim_for(id);
  if (!std::exchange(told_ready_, true) && events_.ready) events_.ready();
}

void Node::on_beat() {
  if (unpublished_) publish();
  if (++beats_ % kBeatsToCompare == 0) dispatcher_->compare();
  dispatcher_->wake();
}

// A store that does not know the session any more may have lost everything else, too.
void Node::on_session_lost() {
  unpublished_ = true;
  dispatcher_->stop_claiming();
  hosts_->release_all();
}

void Node::on_refused(const Error& error) {
  log::error("the store cannot be used, the node stops: " + error.message);
  failure_ = error;
  if (phase_ == Phase::running) phase_ = Phase::draining;
  dispatcher_->stop_claiming();
  on_settled();
}

void Node::drain() {
  if (phase_ != Phase::running) return;
  phase_ = Phase::draining;
  dispatcher_->stop_claiming();
  reloader_.stop();
  hosts_->release_unstarted();
  drain_timer_.start(options_.drain_timeout);
  session_.update(about(), std::nullopt);  // the next heartbeat comes soon, and others learn of it
}

void Node::release() {
  drain();
  if (phase_ != Phase::draining) return;
  if (std::exchange(released_, true)) return;
  hosts_->release_all();
  drain_timer_.start(kSettleGrace);
}

void Node::on_drain_timer() {
  if (!released_) {
    log::warning("the drain timeout is over: what still runs is stopped and released");
    release();
    return;
  }
  log::error(std::to_string(outbox_->size() + static_cast<std::size_t>(dispatcher_->in_flight())) +
             " outcomes could not be settled: their tasks will be run again");
  on_settled();
}

void Node::on_settled() {
  if (phase_ != Phase::draining) return;
  phase_ = Phase::ending;
  drain_timer_.stop();
  reaper_.stop();
  if (janitor_) janitor_->stop();
  if (backend_janitor_) backend_janitor_->stop();
  session_.close();
  hosts_->stop();
}

void Node::on_hosts_ended() {
  if (phase_ != Phase::ending || !hosts_ended_ || !session_closed_) return;
  phase_ = Phase::stopped;
  if (events_.stopped) events_.stopped();
}

}  // namespace flowrra
