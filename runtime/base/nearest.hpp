#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowrra {

// How many single-character insertions, deletions, replacements and swaps of neighbours lead from one text to the
// other (optimal string alignment). Texts longer than 128 bytes are compared by their beginnings.
int edit_distance(std::string_view a, std::string_view b);

// The candidate that was probably meant: the closest one, if it differs in at most a third of its characters.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

// "Did you mean 'width'?", or empty text when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

// "a, b and 3 more": at most `limit` of the names.
std::string list_names(const std::vector<std::string>& names, std::size_t limit = 12);

}  // namespace flowrra
