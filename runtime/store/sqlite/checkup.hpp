#pragma once

#include <vector>

#include "store/sqlite/connection.hpp"
#include "store/store.hpp"

namespace flowrra::sqlite {

// Looks at the database: can it be written, is it whole, of which version and durability, and is there room for more.
std::vector<StoreCheck> check_up(Connection& connection);

}  // namespace flowrra::sqlite
