#pragma once

#include <string>
#include <string_view>

namespace flowrra {

// {"done":3,"total":10,"note":"…"}: total is left out when it is not positive, note when it is empty.
std::string progress_json(double done, double total, std::string_view note);

// The text with U+FFFD in place of each byte that is not UTF-8.
std::string valid_utf8(std::string_view text);

}  // namespace flowrra
