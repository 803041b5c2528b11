#pragma once

#include <string_view>

namespace flowrra {

// True for most JSON as programs write it, of at most `depth` levels, found in one quick pass: ASCII without \u,
// numbers without an exponent. What it says no to may be JSON all the same: have a whole parser look.
bool plainly_json(std::string_view text, int depth);

}  // namespace flowrra
