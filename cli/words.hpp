#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace flowrra::cli {

// An option that a command line may hold.
struct KnownOption {
  std::string name;  // with its dashes: "--queue"
  bool takes_value = false;
  std::string spelled_out;  // "--queue" for "-q"; the same as name for long names
};

using OptionTable = std::map<std::string, KnownOption>;

// A command's options, and whether it takes words.
struct CommandOptions {
  OptionTable options;
  bool takes_words = false;
};

// The commands that there are, and the options of one of them. Who asks for a command's options wants to run it.
struct Commands {
  std::vector<std::string> names;
  std::function<CommandOptions(const std::string& name)> options_of;
};

// A command line in order: the command, its options as "--name=value", the words of commands that take words, and
// other positional words.
struct CommandLine {
  std::string command;  // empty: none was given
  std::vector<std::string> options;
  std::vector<std::string> words;
};

// False for "-" alone and for negative numbers, which are words.
bool looks_like_option(const std::string& argument);

// Reads the arguments after the program's name. CLI11 would split lists and take -2 for an option, so this decides what
// is an option and what is a word:
//   everything after -- is a word; so is "-", and what begins with - and a digit or a dot (-2, -.5);
//   any other thing that begins with - is an option, before or after the words; its value follows it or its =.
// "help COMMAND" reads as "COMMAND --help". Code::usage for unknown commands and options, the hint naming the nearest.
Result<CommandLine> read_command_line(const std::vector<std::string>& arguments, const OptionTable& globals,
                                      const Commands& commands);

}  // namespace flowrra::cli
