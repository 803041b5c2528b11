#include "command.hpp"

#include <CLI/CLI.hpp>

#include "shell.hpp"

namespace flowrra::cli {

Command::Command(CLI::App& program, Shell& shell, const char* name, const char* help)
    : app_(*program.add_subcommand(name, help)), shell_(shell) {}

void Command::words(const char* usage) { shell_.word_usage[&app_] = usage; }

void Command::footer(const char* text) { app_.footer(text); }

void Command::flag(const char* names, bool& into, const char* help) { app_.add_flag(names, into, help); }

void Command::option(const char* names, std::string& into, const char* help, const char* type) {
  app_.add_option(names, into, help)->type_name(type);
}

void Command::option(const char* names, int& into, const char* help, const char* type, std::optional<Bounds> bounds) {
  CLI::Option* option = app_.add_option(names, into, help)->type_name(type);
  if (bounds) option->check(CLI::Range(bounds->least, bounds->most));
}

void Command::option(const char* names, std::optional<int>& into, const char* help, const char* type, Bounds bounds) {
  app_.add_option(names, into, help)->type_name(type)->check(CLI::Range(bounds.least, bounds.most));
}

void Command::list(const char* names, std::vector<std::string>& into, const char* help, const char* type) {
  app_.add_option(names, into, help)->type_name(type)->delimiter(',');
}

void Command::again(const char* names, std::vector<std::string>& into, const char* help, const char* type) {
  const auto keep = [&into](const CLI::results_t& values) {
    into = values;
    return true;
  };
  app_.add_option(names, keep, help)
      ->type_name(type)
      ->expected(1, 1000)
      ->allow_extra_args(false);  // else CLI11 takes "[a,b]" apart
}

void Command::output(const char* formats) {
  app_.add_option("-o,--output", shell_.output, std::string("output format: ") + formats)->type_name("FORMAT");
}

void Command::run(std::function<Result<int>()> action) {
  app_.callback([&shell = shell_, action = std::move(action)] { shell.action = action; });
}

}  // namespace flowrra::cli
