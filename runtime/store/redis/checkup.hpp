#pragma once

#include <vector>

#include "store/redis/engine.hpp"
#include "store/store.hpp"

namespace flowrra::redis {

// What `flowrra doctor` says of the server and of the keys.
std::vector<StoreCheck> check_up(Engine& engine);

// What an acknowledged change survives, as the server is configured now.
StoreCheck check_durability(Engine& engine);

}  // namespace flowrra::redis
