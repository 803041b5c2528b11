#include "complete.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/config_keys.hpp"
#include "usage.hpp"
#include "words.hpp"

namespace flowrra::cli {
namespace {

using Words = std::vector<std::string>;

// What stands before the word that is completed.
struct Before {
  const CLI::App* command = nullptr;
  Words words;                         // of the command
  const CLI::Option* owner = nullptr;  // the option whose value comes next
  bool all_words = false;              // behind --
  bool help = false;
  std::string config_file;
};

class Completer {
 public:
  Completer(const CLI::App& program, const Shell& shell) : program_(program), shell_(shell) {}

  Completion complete(const Words& words) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) take(words[i]);
    const std::string& begun = words.back();
    fill(begun);
    std::erase_if(out_.candidates, [&](const Suggestion& each) { return !each.text.starts_with(begun); });
    if (!out_.candidates.empty()) out_.files = false;
    return std::move(out_);
  }

 private:
  void take(const std::string& word) {
    if (before_.owner != nullptr) {
      take_value(*before_.owner, word);
      before_.owner = nullptr;
    } else if (word == "--" && !before_.all_words) {
      before_.all_words = true;
    } else if (!before_.all_words && looks_like_option(word)) {
      take_option(word);
    } else if (before_.command == nullptr) {
      before_.help = before_.help || word == "help";
      before_.command = find_command(word);
    } else {
      before_.words.push_back(word);
    }
  }

  void take_option(const std::string& word) {
    const bool is_long = word.starts_with("--");
    const std::size_t end = is_long ? word.find('=') : 2;
    const CLI::Option* option = find_option(word.substr(0, end));
    if (option == nullptr || option->get_items_expected_max() == 0) return;
    if (is_long ? end == std::string::npos : word.size() == 2) {
      before_.owner = option;
    } else {
      take_value(*option, word.substr(is_long ? end + 1 : end));
    }
  }

  void take_value(const CLI::Option& option, const std::string& value) {
    if (option.check_lname("config")) before_.config_file = value;
  }

  [[nodiscard]] const CLI::App* find_command(const std::string& name) const {
    const auto found = program_.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
    return found.empty() ? nullptr : found.front();
  }

  [[nodiscard]] const CLI::Option* find_option(const std::string& name) const {
    const CLI::Option* option = before_.command == nullptr ? nullptr : before_.command->get_option_no_throw(name);
    return option != nullptr ? option : program_.get_option_no_throw(name);
  }

  void fill(const std::string& begun) {
    const std::size_t equals = begun.starts_with("--") ? begun.find('=') : std::string::npos;
    if (before_.owner != nullptr) {
      values(*before_.owner, begun, {});
    } else if (before_.all_words || !begun.starts_with('-')) {
      before_.command == nullptr || before_.help ? commands() : next_word(begun);
    } else if (equals == std::string::npos) {
      options();
    } else if (const CLI::Option* option = find_option(begun.substr(0, equals))) {
      values(*option, begun.substr(equals + 1), begun.substr(0, equals + 1));
    }
  }

  void commands() {
    if (before_.command != nullptr) return;
    for (const CLI::App* command : program_.get_subcommands([](const CLI::App*) { return true; })) {
      add(command->get_name(), command->get_description());
    }
    if (!before_.help) add("help", "how a command is used");
  }

  void options() {
    for (const CLI::App* app : {before_.command, &program_}) {
      if (app == nullptr) continue;
      for (const CLI::Option* option : app->get_options()) {
        const bool known =
            std::ranges::any_of(option->get_lnames(), [&](const auto& name) { return has("--" + name); });
        if (known) continue;
        for (const std::string& name : option->get_lnames()) add("--" + name, option->get_description());
        for (const std::string& name : option->get_snames()) add("-" + name, option->get_description());
      }
    }
  }

  // The values of an option; of a list the last one. `lead` is what stands before the value in the same word.
  void values(const CLI::Option& option, const std::string& begun, std::string lead) {
    const std::string type = option.get_type_name();
    if (type.starts_with("FILE") || type == "PATH") out_.files = true;
    std::string list;
    if (const char delimiter = option.get_delimiter(); delimiter != '\0') {
      list = delimiter + begun.substr(0, begun.rfind(delimiter) + 1);
      lead += list.substr(1);
    }
    for (const auto& [text, about] : values_of(option)) {
      const bool listed = !list.empty() && list.find(list[0] + text + list[0]) != std::string::npos;
      if (!listed) add(lead + text, about);
    }
  }

  std::vector<Suggestion> values_of(const CLI::Option& option) {
    const std::string name = option.get_lnames().empty() ? std::string() : option.get_lnames().front();
    std::vector<Suggestion> out;
    if (name == "output") return formats(option.get_description());
    if (name == "queue") return live().queues();
    if (name == "task") return live().tasks(false);
    if (name == "state") {
      for (const State state : kStates) out.push_back({std::string(flowrra::name(state)), {}});
      return out;
    }
    // Flags that stand for a key of the configuration.
    const ConfigKey* key = name == "log-level" ? find_key("log.level") : find_task_option(name);
    if (key == nullptr || key->shape != Shape::choice) return out;
    for (const std::string& choice : split_words(key->choices)) out.push_back({choice, {}});
    return out;
  }

  // Words of letters.
  static Words split_words(std::string_view text) {
    Words out(1);
    for (const char c : text) {
      if (c >= 'a' && c <= 'z') {
        out.back() += c;
      } else if (!out.back().empty()) {
        out.emplace_back();
      }
    }
    if (out.back().empty()) out.pop_back();
    return out;
  }

  // The formats that the help of -o names.
  static std::vector<Suggestion> formats(const std::string& help) {
    std::vector<Suggestion> out;
    for (const std::string& word : split_words(help)) {
      const bool twice = std::ranges::find(out, word, &Suggestion::text) != out.end();
      if (!twice && parse_format(word)) out.push_back({word, {}});
    }
    return out;
  }

  void next_word(const std::string& begun) {
    const auto usage = shell_.word_usage.find(before_.command);
    if (usage == shell_.word_usage.end()) return;
    for (const std::string& place : next_in_usage(usage->second, before_.words)) fill_place(place, begun);
  }

  void fill_place(const std::string& place, const std::string& begun) {
    const bool local = before_.command->get_name() == "exec";
    if (place == "TASK") {
      add_new(live().tasks(local));
    } else if (place == "ARGUMENT") {
      out_.files = true;
      const Words arguments(before_.words.begin() + 1, before_.words.end());
      for (auto& each : live().arguments(before_.words.front(), arguments, begun, local)) add(each.text, each.about);
    } else if (place == "ID") {
      add_new(live().ids(begun, states_for(before_.command->get_name())));
    } else if (place == "QUEUE") {
      add_new(live().queues());
    } else if (place == "NODE") {
      add_new(live().nodes());
    } else if (place == "FILE" || place == "PATH") {
      out_.files = true;
    } else if (!place.empty() && place[0] >= 'a' && place[0] <= 'z') {
      add(place, {});
    }
  }

  // The states in which a command can do something with a task; none: all.
  static std::vector<State> states_for(const std::string& command) {
    if (command == "cancel") return {State::scheduled, State::pending, State::running, State::retrying};
    if (command == "retry") return {State::failed, State::cancelled, State::expired};
    if (command == "rm") return {State::success, State::failed, State::cancelled, State::expired};
    return {};
  }

  Suggester& live() {
    if (!live_) live_.emplace(ConfigSource::of_process(before_.config_file));
    return *live_;
  }

  [[nodiscard]] bool has(const std::string& text) const {
    return std::ranges::find(out_.candidates, text, &Suggestion::text) != out_.candidates.end();
  }
  void add(std::string text, std::string about) { out_.candidates.push_back({std::move(text), std::move(about)}); }
  // What a list of words has already is not offered again.
  void add_new(std::vector<Suggestion> candidates) {
    for (Suggestion& each : candidates) {
      if (std::ranges::find(before_.words, each.text) == before_.words.end())
        out_.candidates.push_back(std::move(each));
    }
  }

  const CLI::App& program_;
  const Shell& shell_;
  Before before_;
  std::optional<Suggester> live_;
  Completion out_;
};

bool printable(const std::string& text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace

Completion complete(const CLI::App& program, const Shell& shell, Words words) {
  if (words.empty()) words.emplace_back();
  return Completer(program, shell).complete(words);
}

int print_completion(const CLI::App& program, const Shell& shell, Words words) {
  log::set_level(log::Level::off);
  if (!words.empty() && words.front() == "--") words.erase(words.begin());
  try {
    const Completion found = complete(program, shell, std::move(words));
    for (const auto& [text, about] : found.candidates) {
      if (printable(text)) print_line(about.empty() ? text : text + "\t" + log::escaped(about));
    }
    if (found.files) print_line(":files");
  } catch (const std::exception&) {
    return 0;  // a prompt is no place for messages
  }
  return 0;
}

}  // namespace flowrra::cli
