#include "words.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/nearest.hpp"

namespace flowrra::cli {
namespace {

std::vector<std::string> names_of(const OptionTable& options) {
  std::vector<std::string> out;
  out.reserve(options.size());
  for (const auto& [name, ignored] : options) out.push_back(name);
  return out;
}

class Reader {
 public:
  Reader(const std::vector<std::string>& arguments, const OptionTable& globals, const Commands& commands)
      : arguments_(arguments), known_(globals), commands_(commands) {}

  Result<CommandLine> read() {
    for (; next_ < arguments_.size(); ++next_) {
      const std::string& argument = arguments_[next_];
      if (argument == "--" && !all_words_) {
        all_words_ = true;
      } else if (looks_like_option(argument) && !all_words_) {
        if (auto done = take_option(argument); !done) return done.error();
      } else if (auto done = take_word(argument); !done) {
        return done.error();
      }
    }
    if (help_ && line_.command.empty()) line_.options.emplace_back("--help");
    return std::move(line_);
  }

 private:
  Status take_word(const std::string& word) {
    if (!line_.command.empty()) {
      line_.words.push_back(word);
      return {};
    }
    if (word == "help") {
      help_ = true;
      return {};
    }
    if (std::ranges::find(commands_.names, word) == commands_.names.end()) {
      std::string hint = did_you_mean(word, commands_.names);
      if (hint.empty()) hint = "See `flowrra --help`.";
      return Error{Code::usage, "no command '" + log::escaped(word.substr(0, 60)) + "'", hint};
    }
    line_.command = word;
    CommandOptions command = commands_.options_of(word);
    known_.merge(command.options);
    takes_words_ = command.takes_words;
    if (help_) line_.options.emplace_back("--help");
    return {};
  }

  Status take_option(const std::string& argument) {
    const bool is_long = argument[1] == '-';
    const std::size_t equals = is_long ? argument.find('=') : std::string::npos;
    const std::string name = is_long ? argument.substr(0, equals) : argument.substr(0, 2);
    const auto found = known_.find(name);
    if (found == known_.end()) return unknown_option(name);
    const KnownOption& option = found->second;
    const bool attached = is_long ? equals != std::string::npos : argument.size() > 2;
    if (!option.takes_value) {
      if (attached) return Error{Code::usage, "option " + name + " takes no value", {}};
      line_.options.push_back(option.spelled_out);
      return {};
    }
    if (!attached && next_ + 1 == arguments_.size()) {
      return Error{Code::usage, "option " + name + " needs a value", {}};
    }
    const std::string value = attached ? argument.substr(is_long ? equals + 1 : 2) : arguments_[++next_];
    line_.options.push_back(option.spelled_out + "=" + value);
    return {};
  }

  Error unknown_option(const std::string& name) const {
    Error error{Code::usage, "no option " + log::escaped(name), did_you_mean(name, names_of(known_))};
    if (line_.command.empty()) {
      if (error.hint.empty()) error.hint = "Options of a command stand behind it: flowrra COMMAND OPTIONS.";
    } else if (takes_words_) {
      error.hint += std::string(error.hint.empty() ? "" : " ") + "Words that begin with - stand behind --.";
    }
    return error;
  }

  const std::vector<std::string>& arguments_;
  OptionTable known_;
  const Commands& commands_;
  CommandLine line_;
  std::size_t next_ = 0;
  bool all_words_ = false;
  bool takes_words_ = false;
  bool help_ = false;
};

}  // namespace

bool looks_like_option(const std::string& argument) {
  if (argument.size() < 2 || argument[0] != '-') return false;
  return argument[1] != '.' && (argument[1] < '0' || argument[1] > '9');
}

Result<CommandLine> read_command_line(const std::vector<std::string>& arguments, const OptionTable& globals,
                                      const Commands& commands) {
  return Reader(arguments, globals, commands).read();
}

}  // namespace flowrra::cli
