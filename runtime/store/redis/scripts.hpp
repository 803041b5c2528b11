#pragma once

#include "store/redis/connection.hpp"

namespace flowrra::redis {

// Everything that changes tasks and sessions happens in these, each of them one transaction: scripts/*.lua.
struct Scripts {
  Script push, exchange, recover, cancel, replay, purge;
  Script store, remove, remove_older;
  Script read, ahead, nodes;
  Script session_open, session_beat, session_close, session_update, session_ask, pause;
};

Scripts all_scripts();

}  // namespace flowrra::redis
