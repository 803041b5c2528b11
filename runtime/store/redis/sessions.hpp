#pragma once

#include <string>
#include <vector>

#include "store/directory.hpp"
#include "store/redis/engine.hpp"

namespace flowrra::redis {

// Every session in the store, by id. A process of this machine that is gone is told as such.
Result<std::vector<NodeStatus>> stored_sessions(Engine& engine);

// Where a pid means what it means here.
std::string this_machine();

// The fields and values of a session's hash, but for its tasks' names.
void add_session(Arguments& out, const Session& session);

}  // namespace flowrra::redis
