#pragma once

#include <span>

#include "base/result.hpp"
#include "task/task.hpp"

namespace flowrra {

// What every driver refuses, in the same words.

// A heartbeat, a take or a settlement of a session that is dead or unknown.
Error session_over();

// A second session with one id.
Error session_exists(const SessionId& id);

// A request to a session that is dead or unknown.
Error no_session(const SessionId& id);

// Backend::store of a task that this store, as a broker, has still to finish.
Error still_open(const TaskId& id);

// Backend::store takes records of finished tasks only.
Status storable(std::span<const TaskRecord> records);

// Broker::push takes tasks whose id, name and queue are within the alphabet.
Status pushable(std::span<const NewTask> tasks);

}  // namespace flowrra
