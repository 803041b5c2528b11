#pragma once
// The arguments of a benchmark: counts and names by their place, each of which may be left out.

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

namespace flowrra::bench {

// The count at `place`, or `otherwise` where nothing stands there. Where it is no whole number above 0: ends the
// program with 2.
inline int count_at(int argc, char** argv, int place, int otherwise) {
  if (argc <= place) return otherwise;
  const std::string_view word = argv[place];
  int count = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (error == std::errc() && end == word.data() + word.size() && count > 0) return count;
  std::fprintf(stderr, "%s: argument %d is '%s', where a count above 0 is due\n", argv[0], place, argv[place]);
  std::exit(2);
}

// The name at `place`, or the first of them where nothing stands there. Where it is none of them: ends the program
// with 2.
inline std::string name_at(int argc, char** argv, int place, std::initializer_list<std::string_view> names) {
  if (argc <= place) return std::string(*names.begin());
  if (std::ranges::find(names, argv[place]) != names.end()) return argv[place];
  std::fprintf(stderr, "%s: argument %d is '%s', where one of these is due:", argv[0], place, argv[place]);
  for (const std::string_view name : names) std::fprintf(stderr, " %.*s", static_cast<int>(name.size()), name.data());
  std::fputc('\n', stderr);
  std::exit(2);
}

// Ends the program with 2 where more arguments are given than `most`.
inline void at_most(int argc, char** argv, int most) {
  if (argc <= most + 1) return;
  std::fprintf(stderr, "%s: argument %d is '%s', where nothing is due\n", argv[0], most + 1, argv[most + 1]);
  std::exit(2);
}

}  // namespace flowrra::bench
