#pragma once

#include <optional>
#include <span>
#include <vector>

#include "store/broker.hpp"
#include "store/redis/engine.hpp"
#include "store/redis/fields.hpp"

namespace flowrra::redis {

// What a role shows: a broker all tasks, a backend the finished ones whose outcome it keeps.
enum class Shown { all, outcomes };

// Reads tasks for people. What one task shows is of one moment; a list is read in steps.
class Listing {
 public:
  Listing(Engine& engine, Shown shown) : engine_(engine), shown_(shown) {}
  Result<std::optional<TaskRecord>> find(const TaskId& id);
  Result<std::vector<TaskRecord>> list(ListQuery query);

 private:
  using Ids = std::vector<TaskId>;
  Result<std::vector<Stored>> read(const Ids& ids, bool with_logs);
  Status read_into(std::vector<Stored>& out, std::span<const TaskId> ids, bool with_logs);
  [[nodiscard]] bool wanted(const Stored& stored, const ListQuery& query) const;
  Result<std::int64_t> most(const ListQuery& query);
  Result<std::vector<Stored>> read_wanted(const Ids& ids, const ListQuery& query);
  Result<std::vector<TaskRecord>> by_arrival(const ListQuery& query);
  Result<std::vector<TaskRecord>> by_end(const ListQuery& query);
  Result<std::vector<TaskRecord>> sorted(const Ids& ids, const ListQuery& query);
  Result<Ids> with_beginning(const std::string& begin);
  Result<Ids> in_states(const ListQuery& query);

  Engine& engine_;
  Shown shown_;
};

}  // namespace flowrra::redis
