#pragma once

#include "store/directory.hpp"
#include "store/sqlite/engine.hpp"

namespace flowrra::sqlite {

// The directory role of a SQLite store.
class SqliteDirectory final : public Directory {
 public:
  explicit SqliteDirectory(Engine& engine);

  Status open_session(const Session& session, Micros lease) override;
  Status heartbeat(const SessionId& session, Micros lease, std::string_view health) override;
  Status close_session(const SessionId& session) override;
  Status update_session(const Session& session, const std::optional<ReloadAnswer>& answer) override;
  Result<std::int64_t> ask_reload(const SessionId& session) override;
  Result<std::vector<NodeStatus>> nodes() override;
  Status set_paused(const std::string& queue, bool paused) override;
  Result<std::vector<std::string>> paused_queues() override;
  Status publish(std::span<const TaskSpec> specs) override;
  Result<std::optional<TaskSpec>> spec(const std::string& name) override;
  Result<std::vector<TaskSpec>> specs() override;

 private:
  std::optional<std::string> stored(const std::string& name);

  Engine& engine_;
  Statement put_;
  Statement get_;
  Statement withdraw_;
  Statement all_;
  Statement pause_;
  Statement resume_;
  Statement paused_;
};

}  // namespace flowrra::sqlite
