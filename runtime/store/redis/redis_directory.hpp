#pragma once

#include "store/directory.hpp"
#include "store/redis/engine.hpp"

namespace flowrra::redis {

class RedisDirectory final : public Directory {
 public:
  explicit RedisDirectory(Engine& engine) : engine_(engine) {}
  using Directory::heartbeat;
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
  Engine& engine_;
};

}  // namespace flowrra::redis
