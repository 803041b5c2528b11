#include "verbs.hpp"

#include "base/log.hpp"
#include "base/nearest.hpp"

namespace flowrra::cli {

Result<int> run_verb(const Shell& shell, const std::string& noun, const std::vector<Verb>& verbs) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs) names.push_back(verb.name);
  const std::string all = "`flowrra " + noun + "` takes " + list_names(names) + ".";
  if (shell.words.empty()) return Error{Code::usage, "what to do with `flowrra " + noun + "` is missing", all};
  const std::string& word = shell.words.front();
  for (const Verb& verb : verbs) {
    if (verb.name == word) return verb.run(shell, {shell.words.begin() + 1, shell.words.end()});
  }
  const std::string meant = did_you_mean(word, names);
  return Error{Code::usage, "`flowrra " + noun + "` has no '" + log::escaped(word.substr(0, 60)) + "'",
               meant.empty() ? all : meant};
}

}  // namespace flowrra::cli
