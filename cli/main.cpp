// The flowrra program: reads the command line, runs one command, prints what went wrong.

#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/result.hpp"
#include "commands/commands.hpp"
#include "complete.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "words.hpp"

namespace flowrra::cli {
namespace {

// In the order of the help. The one that is called is added to the program; all are, where they are to be listed.
constexpr struct Command {
  std::string_view name;
  void (*add)(CLI::App&, Shell&);
} kCommands[] = {
    {"run", add_run},         {"submit", add_submit}, {"result", add_result},
    {"wait", add_wait},       {"logs", add_logs},     {"why", add_why},
    {"cancel", add_cancel},   {"retry", add_retry},   {"rm", add_rm},
    {"ps", add_ps},           {"status", add_status}, {"nodes", add_nodes},
    {"doctor", add_doctor},   {"queue", add_queue},   {"stats", add_stats},
    {"tasks", add_tasks},     {"exec", add_exec},     {"plugin", add_plugin},
    {"reload", add_reload},   {"config", add_config}, {"completion", add_completion},
    {"version", add_version},
};

constexpr const char* kFooter = R"(Examples:
  flowrra submit text.count book.txt            queue a task, print its id
  flowrra submit media.thumbnail path=cat.jpg width=200 --wait
  flowrra result 01kd5t9m2xq4n8w7c3z6y1r0ab --wait
  flowrra ps --state failed

Exit codes: 0 ok, 1 error, 2 usage or configuration, 3 not found, 4 task failed, 5 cancelled or expired,
6 rejected, 7 store unreachable, 8 denied, 124 wait timed out, 130 interrupted.
Errors go to stderr; with -o json as {"error":{"code","message","hint"}}.
)";

// Help whose usage line names the words that a command takes: CLI11 does not see them.
class HelpFormatter final : public CLI::Formatter {
 public:
  explicit HelpFormatter(const Shell& shell) : shell_(shell) {}
  std::string make_usage(const CLI::App* app, std::string name) const override {
    const auto words = shell_.word_usage.find(app);
    if (words == shell_.word_usage.end()) return CLI::Formatter::make_usage(app, name);
    return "Usage: " + name + " " + words->second + " [OPTIONS]\n";
  }

 private:
  const Shell& shell_;
};

OptionTable options_of(const CLI::App& app) {
  OptionTable table;
  for (const CLI::Option* option : app.get_options()) {
    const auto& longs = option->get_lnames();
    const bool takes_value = option->get_items_expected_max() > 0;
    const std::string spelled_out = longs.empty() ? "-" + option->get_snames().front() : "--" + longs.front();
    for (const std::string& name : longs) table["--" + name] = {"--" + name, takes_value, spelled_out};
    for (const std::string& name : option->get_snames()) table["-" + name] = {"-" + name, takes_value, spelled_out};
  }
  return table;
}

void add_all_commands(CLI::App& program, Shell& shell) {
  for (const Command& command : kCommands) command.add(program, shell);
}

Commands commands_of(CLI::App& program, Shell& shell) {
  Commands out;
  for (const Command& command : kCommands) out.names.emplace_back(command.name);
  out.options_of = [&program, &shell](const std::string& name) {
    std::ranges::find(kCommands, name, &Command::name)->add(program, shell);
    const CLI::App* command = program.get_subcommand(name);
    return CommandOptions{options_of(*command), shell.word_usage.contains(command)};
  };
  return out;
}

void describe(CLI::App& program, Shell& shell) {
  program.description("Flowrra runs background tasks from plugins written in C++ or C.");
  program.footer(kFooter);
  program.formatter(std::make_shared<HelpFormatter>(shell));
  program.get_formatter()->column_width(28);
  program.require_subcommand(0, 1);
  program.fallthrough();
  program.set_version_flag("--version", "flowrra " FLOWRRA_VERSION);
  program
      .add_option("--config", shell.config_file, "configuration; else FLOWRRA_CONFIG, else the nearest flowrra.toml")
      ->type_name("FILE");
  program.add_option("--log-level", shell.log_level, "debug, info, warning, error or off")->type_name("LEVEL");
}

// The output format that the command line asks for, known before it is read: errors of the reading are printed in it.
std::string asked_format(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string& word = arguments[i];
    if ((word == "-o" || word == "--output") && i + 1 < arguments.size()) return arguments[i + 1];
    for (const std::string prefix : {"--output=", "-o"}) {
      if (word.starts_with(prefix)) return word.substr(prefix.size());
    }
  }
  return {};
}

Result<int> run(CLI::App& program, Shell& shell, const std::vector<std::string>& arguments) {
  auto line = read_command_line(arguments, options_of(program), commands_of(program, shell));
  if (!line) return line.error();
  if (line->command.empty()) add_all_commands(program, shell);
  // CLI11 takes its arguments from the back.
  std::vector<std::string> rest(line->options.rbegin(), line->options.rend());
  if (!line->command.empty()) rest.push_back(line->command);
  shell.words = std::move(line->words);
  try {
    program.parse(rest);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
    return Error{Code::usage, error.what(), "See `flowrra " + line->command + " --help`."};
  }
  if (shell.action) {
    if (auto known = shell.format(); !known) return known.error();
    return shell.action();
  }
  print(program.help());
  return kOk;
}

// Runs what the command line asks for, and prints what went wrong; the exit code.
int obey(CLI::App& program, Shell& shell, const std::vector<std::string>& arguments) {
  program.name("flowrra");
  describe(program, shell);
  if (!arguments.empty() && arguments.front() == "__complete") {
    add_all_commands(program, shell);
    return print_completion(program, shell, {arguments.begin() + 1, arguments.end()});
  }
  auto done = run(program, shell, arguments);
  const bool flushed = std::fflush(stdout) == 0;
  const int write_error = errno;
  if (!done && shell.output == "table") {
    if (const std::string format = asked_format(arguments); format.starts_with("json")) shell.output = format;
  }
  if (!done) return fail(shell, done.error());
  if (flushed && std::ferror(stdout) == 0) return *done;
  if (write_error != EPIPE) {
    fail(shell, {Code::internal, "cannot write to standard output: " + errno_text(write_error),
                 "What was asked for is done; its output is lost."});
  }
  return std::max<int>(*done, kError);
}

// Ends the process, and all that it has with it: to close stores and to free options one by one is a twentieth of a
// submission. Sanitizers want to see it done.
int leave(int code) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  std::fflush(nullptr);
  std::_Exit(code);
#endif
  return code;
}

}  // namespace
}  // namespace flowrra::cli

int main(int argc, char** argv) {
  using namespace flowrra;
  // Whoever closes our pipe ends us quietly by a failed write, also inside a store's file lock.
  signal(SIGPIPE, SIG_IGN);
  cli::Shell shell;
  try {
    CLI::App program;
    return cli::leave(cli::obey(program, shell, {argv + 1, argv + argc}));
  } catch (const std::exception& error) {
    return cli::leave(cli::fail(shell, {Code::internal, error.what(), "This is a bug of Flowrra."}));
  }
}
