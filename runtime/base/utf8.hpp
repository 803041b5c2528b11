#pragma once

#include <cstddef>
#include <string_view>

namespace flowrra {

// How many bytes the well-formed character at the beginning of `text` takes; 0 when there is none.
std::size_t utf8_length(std::string_view text);

// True for well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool valid_utf8(std::string_view text);

}  // namespace flowrra
