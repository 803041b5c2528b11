#include <filesystem>

#include "app/app.hpp"
#include "app/arguments.hpp"
#include "app/record_json.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "findings_view.hpp"
#include "shell.hpp"
#include "verbs.hpp"

namespace flowrra::cli {
namespace {

using Words = std::vector<std::string>;

std::vector<Manifest> all_of(PluginSet set) {
  std::vector<Manifest> out = std::move(set.usable);
  out.insert(out.end(), std::make_move_iterator(set.refused.begin()), std::make_move_iterator(set.refused.end()));
  return out;
}

std::string name_of(const Manifest& manifest) {
  return manifest.plugin.empty() ? std::filesystem::path(manifest.path).filename().string() : manifest.plugin;
}

std::string names_of_tasks(const Manifest& manifest) {
  std::string out;
  for (const TaskSpec& spec : manifest.tasks) out += (out.empty() ? "" : ",") + spec.name;
  return out;
}

std::string table_of(const std::vector<Manifest>& plugins, bool wide) {
  std::vector<std::string> titles{"PLUGIN", "VERSION", "TASKS", "PATH", "STATE"};
  if (wide) titles.insert(titles.end() - 1, "DIGEST");
  Table table(titles);
  for (const Manifest& each : plugins) {
    const bool ok = each.refused.empty();
    const std::string tasks = wide ? names_of_tasks(each) : std::to_string(each.tasks.size());
    std::vector<Table::Cell> row{{name_of(each)}, {ok ? each.version : "-"}, {ok ? tasks : "-"}, {each.path}};
    if (wide) row.push_back({each.digest.empty() ? "-" : each.digest});
    row.push_back({ok ? "ok" : "refused: " + reason_of(each), ok ? Color::green : Color::red});
    table.add(std::move(row));
  }
  return table.text();
}

// The plugins of `files`, or of the configuration where there are none.
Result<PluginSet> load(const Shell& shell, const Words& files) {
  auto config = shell.config();
  if (!config) return config.error();
  if (!files.empty()) {
    config->plugins.paths.clear();
    for (const std::string& file : files) config->plugins.paths.push_back(std::filesystem::absolute(file).string());
  }
  return load_plugins(*config);
}

Result<int> ls(const Shell& shell, const Words& words) {
  auto set = load(shell, words);
  if (!set) return set.error();
  const auto plugins = all_of(*std::move(set));
  Words items;
  Words names;
  for (const Manifest& each : plugins) {
    items.push_back(plugin_json(each));
    names.push_back(name_of(each));
  }
  const Format format = *shell.format();
  if (!print_items(format, items, names)) print(table_of(plugins, format == Format::wide));
  return kOk;
}

void print_field(const std::string& title, const std::string& value) {
  if (!value.empty()) print_line(title + std::string(10 - title.size(), ' ') + log::escaped(value));
}

void print_spec(const TaskSpec& spec) {
  print_line("");
  print_line(spec.name + "  (" + std::string(name(spec.kind)) + (spec.blocking ? ", blocking" : "") + ")");
  print_field("  does", spec.doc);
  print_field("  usage", usage_line(spec));
  const TaskOptions& options = spec.options;
  if (options.timeout) print_field("  timeout", *options.timeout > Micros(0) ? to_text(*options.timeout) : "none");
  if (options.max_retries) print_field("  retries", std::to_string(*options.max_retries));
  if (options.retry_delay) print_field("  delay", to_text(*options.retry_delay));
  if (options.backoff) print_field("  backoff", std::string(name(*options.backoff)));
  if (options.max_crashes) print_field("  crashes", std::to_string(*options.max_crashes));
  if (options.memory) print_field("  memory", std::to_string(*options.memory) + " bytes");
  if (options.cpu_time) print_field("  cpu_time", to_text(*options.cpu_time));
  if (options.open_files) print_field("  open_files", std::to_string(*options.open_files));
  if (options.file_size) print_field("  file_size", std::to_string(*options.file_size) + " bytes");
  if (options.processes) print_field("  processes", std::to_string(*options.processes));
}

Result<int> inspect(const Shell& shell, const Words& words) {
  if (words.size() != 1) return Error{Code::usage, "one FILE is expected", "See `flowrra plugin --help`."};
  auto set = load(shell, words);
  if (!set) return set.error();
  const auto plugins = all_of(*std::move(set));
  if (plugins.size() != 1) {
    return Error{Code::usage, log::escaped(words.front()) + " holds " + std::to_string(plugins.size()) + " plugins",
                 "Name one file; `flowrra plugin ls " + words.front() + "` lists them."};
  }
  const Manifest& manifest = plugins.front();
  if (!manifest.refused.empty()) return Error{manifest.code, manifest.refused, manifest.hint};
  if (print_item(*shell.format(), plugin_json(manifest), manifest.plugin)) return kOk;
  print_field("plugin", manifest.plugin);
  print_field("version", manifest.version);
  print_field("path", manifest.path);
  print_field("digest", manifest.digest);
  for (const TaskSpec& spec : manifest.tasks) print_spec(spec);
  return kOk;
}

Result<int> check(const Shell& shell, const Words& words) {
  if (words.empty()) return Error{Code::usage, "FILE is missing", "See `flowrra plugin --help`."};
  const auto set = load(shell, words);
  if (!set) return set.error();
  const auto findings = check_plugins(*set);
  print_findings(findings, *shell.format());
  const Finding* error = first_error(findings);
  if (error != nullptr && findings.size() == 1 && error->code == Code::denied) return exit_code(error->code);
  return error == nullptr ? kOk : kError;
}

constexpr const char* kFooter =
    R"(ls       lists the plugins of the configuration (or of the files, folders or globs given), also those that cannot be used
inspect  tells everything about one plugin: its tasks, their arguments and options; with -o json their schemas, too
check    loads each plugin as a node would: exit code 0 when all can be used, else 1 with the reason (8: the one file
         asked for belongs to others, may be written by others, or is not what its pin says); for an author's CI

Plugin code runs in a process of its own that may crash or hang.

Examples:
  flowrra plugin ls -o wide
  flowrra plugin inspect build/media.so
  flowrra plugin check build/*.so
)";

}  // namespace

void add_plugin(CLI::App& program, Shell& shell) {
  Command command(program, shell, "plugin", "list, inspect or check plugins");
  command.words("ls [FILE...] | inspect FILE | check FILE...");
  command.footer(kFooter);
  command.output("table, wide, json (with the schemas of the arguments), jsonl, yaml, id");
  command.run([&shell] { return run_verb(shell, "plugin", {{"ls", ls}, {"inspect", inspect}, {"check", check}}); });
}

}  // namespace flowrra::cli
