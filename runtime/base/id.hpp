#pragma once

#include <string>

#include "base/clock.hpp"

namespace flowrra {

// A new ULID (26 characters, Crockford base 32, lower case): 48 bits of wall time in milliseconds, then 80 random
// bits. Ids of one process within one millisecond count upward, so ids sort by the order they were made.
// Source: github.com/ulid/spec. [any thread]
std::string new_ulid(const Clock& clock);

// A shorter id for what there is little of, and is copied much: 15 characters, which a std::string holds without memory
// of its own. About a second of wall time, then 40 random bits of a new ULID. [any thread]
std::string new_short_id(const Clock& clock);

}  // namespace flowrra
