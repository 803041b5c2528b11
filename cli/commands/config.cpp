
#include "app/config_show.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "findings_view.hpp"
#include "shell.hpp"
#include "verbs.hpp"

namespace flowrra::cli {
namespace {

struct Flags {
  bool origin = false;
};

using Words = std::vector<std::string>;

Status no_more(const char* verb, const Words& words) {
  if (words.empty()) return {};
  return Error{Code::usage,
               "'" + log::escaped(words.front()) + "' is too much: `flowrra config " + verb + "` takes options only",
               "See `flowrra config --help`."};
}

Result<int> show(const Shell& shell, const Words& words, bool origin) {
  if (auto none = no_more("show", words); !none) return none.error();
  auto config = shell.config();
  if (!config) return config.error();
  const Format format = *shell.format();
  if (format == Format::json || format == Format::yaml) {
    print_item(format, config_json(*config, origin), {});
    return kOk;
  }
  Words items;
  Words keys;
  for (const Setting& setting : settings(*config)) {
    items.push_back(setting_json(setting));
    keys.push_back(label(setting));
  }
  if (!print_items(format, items, keys)) print(config_toml(*config, origin));
  return kOk;
}

Result<int> check(const Shell& shell, const Words& words, bool origin) {
  if (auto none = no_more("check", words); !none) return none.error();
  if (origin) return Error{Code::usage, "--origin belongs to `flowrra config show`", {}};
  const auto config = shell.config();
  const auto findings = config ? check_config(*config) : std::vector{finding("configuration", config.error())};
  print_findings(findings, *shell.format());
  const Finding* error = first_error(findings);
  return error == nullptr ? kOk : exit_code(error->code);
}

constexpr const char* kFooter =
    R"(show   prints every key with the value in effect, as a flowrra.toml; passwords are shown as ***
check  looks at everything a node needs: the file, the variables, the stores, the host program, the plugins; the exit
       code is 0, 2 for a mistake in the configuration or a plugin that cannot be used, 3 for what is not found,
       7 for a store that cannot be opened

Examples:
  flowrra config show --origin
  flowrra config show -o json | jq .executor.cpu_workers
  flowrra config check && systemctl restart flowrra
)";

}  // namespace

void add_config(CLI::App& program, Shell& shell) {
  Command command(program, shell, "config", "show the configuration in effect, or check it");
  auto flags = std::make_shared<Flags>();
  command.words("show|check");
  command.footer(kFooter);
  command.flag("--origin", flags->origin, "of show: name the file, variable or flag that each value comes from");
  command.output("table (show: TOML), json, jsonl, yaml, id");
  command.run([&shell, flags] {
    const bool origin = flags->origin;
    return run_verb(shell, "config",
                    {{"show", [origin](const Shell& s, const Words& words) { return show(s, words, origin); }},
                     {"check", [origin](const Shell& s, const Words& words) { return check(s, words, origin); }}});
  });
}

}  // namespace flowrra::cli
