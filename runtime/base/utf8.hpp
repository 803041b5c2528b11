#pragma once

#include <string_view>

namespace flowrra {

// True for well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool valid_utf8(std::string_view text);

}  // namespace flowrra
