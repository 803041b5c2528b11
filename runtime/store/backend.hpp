#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "store/broker.hpp"
#include "task/task.hpp"

namespace flowrra {

// Where the records of finished tasks live. In a store that is broker and backend at once they are the same records
// as the broker's, and store() is not used. Threads and transactions as with Broker.
class Backend {
 public:
  virtual ~Backend() = default;

  // Keeps the records of finished tasks; a record with the same id is replaced unless it holds a later attempt.
  // Durable when it returns, as the store is configured. Repeatable.
  virtual Status store(std::span<const TaskRecord> records) = 0;

  virtual Result<std::optional<TaskRecord>> get(const TaskId& id) = 0;
  // Without the tasks' logs. Where the order is by submission and the store is not the broker too, it is by when the
  // records were stored.
  virtual Result<std::vector<TaskRecord>> list(const ListQuery& query) = 0;

  // Removes finished tasks; true for each one that was there and finished.
  virtual Result<std::vector<bool>> remove(std::span<const TaskId> ids) = 0;

  // Removes finished tasks that ended more than `age` ago, at most `limit` of them; how many.
  virtual Result<int> remove_older(Micros age, int limit) = 0;

  // Removes every finished task.
  virtual Status clear() = 0;

  // Readable after a task finished, by whichever process. To wait for a result: get the fd, look, then poll; when it is
  // readable, hear(), and look again if that says so. Non-blocking, owned by the backend.
  virtual int wake_fd() = 0;

  // Clears wake_fd(), and says what it meant for who waits for a task that was `awaited` when it looked last. Who has
  // submitted it with a new id after the last hear() need not have looked: it has no `submitted_at` then.
  struct Heard {
    bool look = true;                 // it may have ended
    std::optional<TaskRecord> ended;  // it has, as get() would say; it need not look then
  };
  virtual Heard hear(const TaskRecord& /*awaited*/) { return {.look = clear_wake(wake_fd()), .ended = std::nullopt}; }
};

}  // namespace flowrra
