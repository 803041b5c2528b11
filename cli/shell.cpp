#include "shell.hpp"

#include <cstdio>

#include "app/record_json.hpp"
#include "base/log.hpp"
#include "exit_code.hpp"

namespace flowrra::cli {

Result<Config> Shell::config() const {
  auto config = load_config(ConfigSource::of_process(config_file));
  if (!config) return config;
  if (!log_level.empty()) {
    const auto done = set_value(*config, "log.level", log_level, {Origin::Source::flag, "--log-level"});
    if (!done) return done.error();
  }
  log::set_level(config->log_level);
  return config;
}

Result<Client*> Shell::client() const {
  auto config = this->config();
  if (!config) return config.error();
  if (config->broker.url.starts_with("memory:") || config->backend.url.starts_with("memory:")) {
    return Error{Code::config, "memory:// lives in one process: no other command can see it",
                 "Use `flowrra exec` for one task without a store, or sqlite://PATH or redis://HOST as [broker] url."};
  }
  ClientOptions options{.probe = host_probe(*config), .manifest_folder = {}};
  options.manifest_folder = data_folder(ConfigSource::of_process()).string();
  auto client = Client::open(std::move(*config), std::move(options));
  if (!client) return client.error();
  return clients_.emplace_back(*std::move(client)).get();
}

Result<std::string> Shell::only_word(const char* what) const {
  if (words.size() == 1) return words.front();
  if (words.empty()) return Error{Code::usage, std::string(what) + " is missing", "See --help."};
  return Error{Code::usage, "one " + std::string(what) + " is expected, '" + log::escaped(words[1]) + "' is too much",
               "See --help."};
}

Status Shell::no_words() const {
  if (words.empty()) return {};
  return Error{Code::usage, "'" + log::escaped(words.front()) + "' is too much: the command takes options only",
               "See --help."};
}

int fail(const Shell& shell, const Error& error) {
  std::fflush(stdout);
  std::string text;
  if (shell.output == "json" || shell.output == "jsonl") {
    text = error_json(error) + "\n";
  } else {
    text = "flowrra: " + log::escaped(error.message) + "\n";
    if (!error.hint.empty()) text += "  " + log::escaped(error.hint) + "\n";
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
  return exit_code(error.code);
}

}  // namespace flowrra::cli
