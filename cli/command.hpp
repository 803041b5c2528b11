#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace flowrra::cli {

struct Shell;

// One command of the program, while it is described: its help, its options, what it does. Commands name CLI11 through
// this alone: its header makes a dozen objects in each source that includes it, at every start of the program. What
// options are read into outlives the parsing.
class Command {
 public:
  struct Bounds {
    int least;
    int most;
  };

  Command(CLI::App& program, Shell& shell, const char* name, const char* help);

  void words(const char* usage);  // "TASK [ARGUMENT...]": the words that it takes; without it, none
  void footer(const char* text);
  void flag(const char* names, bool& into, const char* help);
  void option(const char* names, std::string& into, const char* help, const char* type);
  void option(const char* names, int& into, const char* help, const char* type, std::optional<Bounds> bounds = {});
  void option(const char* names, std::optional<int>& into, const char* help, const char* type, Bounds bounds);
  void list(const char* names, std::vector<std::string>& into, const char* help, const char* type);   // commas between
  void again(const char* names, std::vector<std::string>& into, const char* help, const char* type);  // one each time
  void output(const char* formats);                                                                   // -o/--output

  // What the command does once all is parsed; the exit code.
  void run(std::function<Result<int>()> action);

 private:
  CLI::App& app_;
  Shell& shell_;
};

}  // namespace flowrra::cli
