#pragma once

#include <vector>

#include "store/directory.hpp"
#include "store/redis/engine.hpp"

namespace flowrra::redis {

// Every session in the store, by id. A process of this machine that is gone is told as such.
Result<std::vector<NodeStatus>> stored_sessions(Engine& engine);

// Sessions whose process was on this machine and is gone.
Result<std::vector<SessionId>> gone_sessions(Engine& engine);

// The fields and values of a session's hash, but for its tasks' names.
void add_session(Arguments& out, const Session& session);

}  // namespace flowrra::redis
