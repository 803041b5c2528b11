#pragma once

#include "base/result.hpp"
#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {

// Makes the tables in an empty database and checks what is there in another: it is a Flowrra store, of a version that
// this program knows. Errors: corrupt, newer_version, busy, denied.
Status prepare_schema(Connection& connection, const Files& files);

// True when prepare_schema() would bring the store to a newer version. Errors: corrupt, newer_version.
Result<bool> is_older(Connection& connection, const Files& files);

}  // namespace flowrra::sqlite
