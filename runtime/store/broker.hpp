#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "store/task_names.hpp"
#include "task/attempt.hpp"
#include "task/task.hpp"

namespace flowrra {

// Which tasks to list, and which of them first.
struct ListQuery {
  enum class Order : std::uint8_t {
    newest,         // by submission
    oldest,         // by submission
    finished_last,  // tasks that have ended only: the latest end first
  };
  std::vector<State> states;  // empty: all
  std::optional<std::string> queue;
  std::optional<std::string> name;
  std::optional<std::string> tag;
  std::optional<std::string> id_begin;  // ids that begin so
  int limit = 100;
  int offset = 0;
  Order order = Order::newest;
};

struct StateCount {
  std::string queue;
  std::string name;  // of the task
  State state = State::pending;
  std::int64_t count = 0;
};

// What was refused since the store was made because its lease or session was no longer the current one.
struct StaleCounts {
  std::int64_t settlements = 0;  // outcomes and releases
  std::int64_t progress = 0;     // progress and lines of logs
  std::int64_t heartbeats = 0;

  bool operator==(const StaleCounts&) const = default;
};

enum class PushOutcome : std::uint8_t {
  accepted,
  exists,      // a task with this id is known already: nothing was changed
  queue_full,  // the queue's bound is reached
};

// What a node wants to run: for each group of task names, at most `limit` tasks, which may be none. Without weights the
// best priority comes first, then the oldest, over all queues. With weights (one for each queue) the places of a want
// go round among the queues that have something for it, in proportion to their weights (store/fair_share.hpp), and
// priority and age count within a queue.
struct TakeRequest {
  struct Want {
    int limit = 0;
    TaskNames names;
    std::vector<int> credits = {};  // one for each queue, as the last answer gave them; empty: none yet
  };
  SessionId session;
  std::string node;
  std::vector<std::string> queues;
  std::vector<Want> wants;
  std::vector<int> weights = {};
  // All that the session still has to settle, told now and then, and when the node is not sure what it was given: the
  // rest of what the store says it runs is handed back, uncharged.
  std::optional<std::vector<TaskId>> holds = {};
};

// What a running task says: how far it is, where the newest wins, and lines for its log.
struct ProgressUpdate {
  Lease lease;
  std::string progress;  // JSON; empty: as it was
  std::string log;       // lines, as task/log_lines.hpp
};

enum class CancelOutcome : std::uint8_t {
  unknown,    // there is no such task
  over,       // it had ended already
  cancelled,  // it was waiting and never runs
  requested,  // it runs: its node is told
};

enum class ReplayOutcome : std::uint8_t {
  unknown,   // there is no such task
  refused,   // it has not ended, or it succeeded
  replayed,  // it is pending again, with all its retries before it
};

// One turn of a node: the outcomes of one batch and the claim of the next, in one transaction.
struct ExchangeRequest {
  std::vector<Settlement> settlements;
  std::vector<ProgressUpdate> progress;
  std::optional<TakeRequest> take;
  bool keep_results = true;  // false where a separate backend holds arguments, results and errors of finished tasks
};

struct ExchangeAnswer {
  std::vector<bool> settled;  // one for each settlement; false: refused, the lease is stale
  std::vector<LeasedTask> taken;
  std::vector<std::vector<int>> credits;  // for each want, where the take has weights and something was looked for
  // Until the earliest scheduled or retrying task is due; none when none of the tasks that the take names (with
  // whatever limit) waits for its time. 0, and no task is taken, where more have expired at once than one turn ends.
  std::optional<Micros> next_due;
  // Until the next task expires, whoever could run it.
  std::optional<Micros> next_expiry;
  // Tasks of the take's session that somebody wants to be cancelled; named again until they have ended.
  std::vector<TaskId> cancel;
  // The last reload that the take's session was asked for; 0: none.
  std::int64_t reload = 0;
};

// Where submitted tasks wait and are leased from. All methods are blocking and belong to one thread, the owner's. Each
// call is one transaction: all of it happened or none.
class Broker {
 public:
  virtual ~Broker() = default;

  // Queues a batch; one outcome for each task, in order. Durable when it returns, as the store is configured.
  // `max_queue_size` bounds the waiting tasks of one queue. Errors: unreachable, busy, corrupt.
  virtual Result<std::vector<PushOutcome>> push(std::span<const NewTask> tasks, std::int64_t max_queue_size) = 0;

  // Settles what ran, makes due tasks pending, ends expired ones, and leases new ones to the session, as TakeRequest
  // says; a request that tells something and takes nothing may leave those that are due or have expired to the next.
  // Settlements, progress and logs whose lease is not the current one, or whose session is dead, change nothing and are
  // counted, in the same transaction. Code::stale when a take's session is not alive: then nothing is taken, but what
  // could be settled is not either, nothing is counted, and the node must open a new session.
  virtual Result<ExchangeAnswer> exchange(const ExchangeRequest& request) = 0;

  // exchange() in two steps, for who has the next request at hand when a store has answered: it can begin that before
  // it looks at the answer. end_exchange() waits for what was begun first; it asks `take` once, and begins what that
  // gives (null: nothing): when the answer is there, unless it is a failure, or before that, where the store can have
  // two requests and `ripe` (-1: none) is readable. A request must live until its end. Between the two no other method
  // may be called.
  virtual void begin_exchange(const ExchangeRequest& request) { begun_ = &request; }
  struct NextExchange {
    std::function<const ExchangeRequest*()> take;
    int ripe = -1;
  };
  virtual Result<ExchangeAnswer> end_exchange(const NextExchange& next);

  // Makes pending again every running task whose session is dead or missing (found by state); how many. A session whose
  // process was on this machine and is gone is dead at once. The attempt is given back; a task that was given back
  // kMaxRefunds times ends as failed, "lost".
  virtual Result<int> recover() = 0;

  // Cancels tasks that wait, and asks for the end of those that run. A task that was asked to end is never made pending
  // again, whatever becomes of its node. Durable when it returns.
  virtual Result<std::vector<CancelOutcome>> cancel(std::span<const TaskId> ids) = 0;

  // Makes tasks pending again that failed, were cancelled or expired. What the record says of arguments, options,
  // tags and log counts where this store has left them to another backend. Durable when it returns.
  virtual Result<std::vector<ReplayOutcome>> replay(std::span<const TaskRecord> records) = 0;

  // Removes every task of the queue that waits; how many.
  virtual Result<std::int64_t> purge(const std::string& queue) = 0;

  virtual Result<std::optional<TaskRecord>> find(const TaskId& id) = 0;
  virtual Result<std::vector<TaskRecord>> list(const ListQuery& query) = 0;
  virtual Result<std::vector<StateCount>> counts() = 0;
  virtual Result<StaleCounts> stale_counts() = 0;

  // How many pending tasks of the same queue with one of these names come before this one; 0 when it is not pending. Of
  // tens of thousands it may be an estimate.
  virtual Result<std::int64_t> ahead_of(const TaskId& id, const std::vector<std::string>& names) = 0;

  // Readable after a task was queued or became due earlier than known, by whichever process. Non-blocking: clear it
  // with woken(), then look. Owned by the broker. -1 with an error logged never happens: opening fails instead.
  virtual int wake_fd() = 0;

  // Clears wake_fd(); whether there may be work that was not there before. Also between begin_exchange() and its end.
  virtual bool woken() { return clear_wake(wake_fd()); }

  // exchange() with only one of its halves.
  Result<std::vector<LeasedTask>> take(TakeRequest request);
  Result<std::vector<bool>> settle(std::vector<Settlement> settlements, bool keep_results = true);

 private:
  const ExchangeRequest* begun_ = nullptr;
};

}  // namespace flowrra
