#pragma once

#include <string>
#include <vector>

#include "app/suggest.hpp"
#include "shell.hpp"

namespace flowrra::cli {

// What could stand in the place of the last of the words; commands and options are those that CLI11 knows.
struct Completion {
  std::vector<Suggestion> candidates;
  bool files = false;  // a file name is wanted
};

Completion complete(const CLI::App& program, const Shell& shell, std::vector<std::string> words);

// `flowrra __complete -- WORD…`, which the scripts of `flowrra completion` call with what was typed behind "flowrra":
// prints a line for each candidate, its description behind a tab, or the line ":files" where file names are wanted.
// Exits with 0 and prints nothing else whatever happens.
int print_completion(const CLI::App& program, const Shell& shell, std::vector<std::string> words);

}  // namespace flowrra::cli
