#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/client.hpp"
#include "app/config.hpp"
#include "output.hpp"

namespace CLI {
class App;
}

namespace flowrra::cli {

// What all commands share: the global flags, the words of the command line, and what was asked for. A command's
// function describes its flags (see Command) and leaves in `action` what to do; main runs it after parsing.
struct Shell {
  std::string config_file;
  std::string log_level;
  std::string output = "table";
  std::vector<std::string> words;  // what is neither command nor option, as it was written

  // Runs the command; the exit code, or an error that main prints.
  std::function<Result<int>()> action;
  std::map<const CLI::App*, std::string> word_usage;  // "TASK [ARGUMENT…]": the words that a command takes

  [[nodiscard]] Result<Format> format() const { return parse_format(output); }

  // The configuration with the global flags over it; the log level is set.
  [[nodiscard]] Result<Config> config() const;

  // A client for the configured stores, which lives as long as the shell. Code::config for memory://, which another
  // process cannot see.
  [[nodiscard]] Result<Client*> client() const;

  // The only word, Code::usage when there is another number of them. `what` names it: "ID".
  [[nodiscard]] Result<std::string> only_word(const char* what) const;
  [[nodiscard]] Status no_words() const;

 private:
  mutable std::vector<std::unique_ptr<Client>> clients_;  // those that were asked for
};

// Prints the error on stderr, as JSON where the output format is json or jsonl (one line:
// {"error":{"code":…,"message":…,"hint":…}}; stdout carries data alone), and gives the exit code for it.
int fail(const Shell& shell, const Error& error);

}  // namespace flowrra::cli
