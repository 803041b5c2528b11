#pragma once

#include <array>
#include <functional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "node/exchanges.hpp"
#include "node/generations.hpp"
#include "node/journal.hpp"
#include "node/misfits.hpp"
#include "node/options.hpp"
#include "node/outbox.hpp"
#include "node/promoter.hpp"

namespace flowrra {

// Moves tasks from the broker to the executors and their outcomes back. While one exchange with the broker is under way
// the next is prepared (exchanges.hpp). Each carries what was settled since the last one and claims what there is room
// for, so batches grow with load and nothing waits for a timer. All on the loop thread.
class Dispatcher {
 public:
  struct Events {
    std::function<void()> session_lost;  // the broker says that the session is dead
    std::function<void()> empty;         // nothing that can be run is queued, due later, or in flight
    std::function<void()> settled;       // nothing is in flight and every outcome is settled
    std::function<void(std::int64_t request)> reload_asked;  // the last one, told again with every exchange
  };

  // Borrows everything.
  Dispatcher(Loop& loop, const Clock& clock, const NodeOptions& options, Courier& broker, Outbox& outbox,
             Generations& hosts, Events events);

  // Claims for this session from now on.
  void claim_for(SessionId session);
  void stop_claiming();

  // Tells the broker with the next exchange what is held here, so that it finds what is not.
  void compare() {
    look_ = unsure_ = true;
    pump_soon_.request();
  }

  // There may be new work. [exchanges, promoter, heartbeat]
  void wake();
  // Claims the tasks that the executors can run, and no other, from now on.
  void choose_names();

  // The options have other specs than before.
  void learn();
  // A job that a generation of hosts has given back: it is run as what its task is by now, or handed back.
  void start_anew(Job job) { start(std::move(job.leased)); }

  // There are outcomes to settle.
  void settle_soon() { pump_soon_.request(); }

  void on_finished(const Job& job, AttemptReport&& report);
  void on_progress(const Lease& lease, std::string progress) { journal_.progressed(lease, std::move(progress)); }
  void on_log(const Lease& lease, const LogLine& line) { journal_.logged(lease, line); }

  // Itself, and what works for it: outbox, journal, promoter.
  void add_health(NodeHealth& out) const;

  [[nodiscard]] int in_flight() const {
    return hosts_.in_flight() + static_cast<int>(misfits_.size() + arrived_.size());
  }

 private:
  using Way = Exchanges::Way;
  using enum Exchanges::Way;
  using Room = Exchanges::Room;

  void pump();
  bool send();
  void rest();
  void stand_by();
  bool prepare(Exchanges::Exchange& next, const Room& under_way);
  [[nodiscard]] TakeRequest take_request(const Room& asked);
  [[nodiscard]] std::optional<std::vector<TaskId>> held(const std::vector<Settlement>& settlements) const;
  [[nodiscard]] Room room();
  [[nodiscard]] int open_places(std::size_t way, int places) const;
  void answered(Result<ExchangeAnswer> answer, Exchanges::Exchange exchange);
  void on_answer(ExchangeAnswer answer, const Exchanges::Exchange& exchange);
  void on_failure(const Error& error, Exchanges::Exchange exchange);
  void put_back(Exchanges::Exchange exchange);
  void start_arrived();
  void start(LeasedTask&& leased);
  void finish(const Job& job, AttemptReport&& report);
  void refuse(const Job& job, AttemptEnd end, std::optional<TaskError> error);
  void cancel(const std::vector<TaskId>& tasks);
  void log_crash(const Job& job, const std::string& crash);
  void check_quiet();
  [[nodiscard]] TaskOptions options_for(const TaskRecord& task) const;
  void tell(const Job& job, const std::string& level, const std::string& what);
  double random();

  const NodeOptions& options_;
  const Clock& clock_;
  Outbox& outbox_;
  Generations& hosts_;
  Events events_;
  SessionId session_;  // empty: claims nothing
  std::array<TaskNames, kWays> names_;
  struct Known {
    const TaskSpec* spec = nullptr;  // of options_
    Way way = kLoop;
    TaskOptions options;  // from all sources but the submitter
  };
  std::unordered_map<std::string, Known> known_;  // tasks, by name
  std::vector<LeasedTask> arrived_;               // with the last answer, and not started yet
  Room arriving_{};                               // of these
  std::array<bool, kWays> maybe_{};               // the broker may have more of this
  bool look_ = false;                             // something changed in the broker: look, room or not
  std::int64_t wake_ups_ = 0;
  std::array<std::vector<int>, kWays> credits_;  // of the queues, where they have weights
  bool unsure_ = false;                          // the broker may think that more is held here
  Misfits misfits_;
  Journal journal_;
  Exchanges exchanges_;
  Pulse pulse_;
  // What the last claim found: some task, none yet but one that is due later, or nothing at all.
  enum class Claim : std::uint8_t { some, later, nothing };
  Claim last_claim_ = Claim::some;
  Micros backoff_{0};
  std::mt19937_64 random_;
  Promoter promoter_;
  Deferred pump_soon_;
  Timer again_;
};

}  // namespace flowrra
