#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "task/spec.hpp"

namespace flowrra {

// Command-line words as the arguments of a task: JSON bytes, an object by argument name (an array by position where
// there is no schema and not every word is name=value). With a spec they have been checked against its schema.
//
//   words                    positional, in the order of spec.arguments
//   name=value               a keyword if `name` is an argument's name, else an ordinary word
//   '{name: value, …}'       alone: all arguments, unless the first argument wants text or an object and the word does
//                            not name an argument
//   @FILE                    alone, if FILE exists: all arguments, as JSON or YAML
//   -                        alone: the same from standard input
//
// What a word means is the schema's decision. Where it wants a string, the word is the string, byte by byte. Elsewhere
// the rules of YAML 1.2's core schema decide: null, true, 010 (ten), 0o17, 0x1f, 1.5, [1, 2], {a: b}, "quoted"; any
// other text is a string. Anchors, aliases, tags but !!str, and duplicate keys are refused.
//
// Errors: invalid, too_large, not_found, denied.
Result<std::string> words_to_args(const TaskSpec& spec, const std::vector<std::string>& words);

// The same without a definition: an array of the words, or an object when each of them is name=value.
Result<std::string> words_to_args(const std::vector<std::string>& words);

// "media.thumbnail path [width] [quality]": required arguments bare, optional ones in brackets.
std::string usage_line(const TaskSpec& spec);

}  // namespace flowrra
