#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/client.hpp"
#include "app/config.hpp"

namespace flowrra {

// Something that could be typed, and a few words on it.
struct Suggestion {
  std::string text;
  std::string about;

  bool operator==(const Suggestion&) const = default;
};

// What exists, for a command line that is being typed: answers quickly or not at all, is silent about what goes wrong,
// and makes no store. Plugins are probed only where their manifests are not remembered. Belongs to one thread.
class Suggester {
 public:
  explicit Suggester(ConfigSource source);

  // Task names; with `local` those of the plugins of the configuration, else what nodes have published, if anything.
  std::vector<Suggestion> tasks(bool local);

  // What may follow `words` (arguments of the task so far) where `begun` is typed: "name=" for each argument that is
  // not given yet; the values of the one that begins with "name=", or stands at this place, where its schema lists
  // them.
  std::vector<Suggestion> arguments(const std::string& task, const std::vector<std::string>& words,
                                    const std::string& begun, bool local);

  // Ids that begin so, newest first, of tasks in one of the states (none: all), described by state and task.
  std::vector<Suggestion> ids(const std::string& begun, const std::vector<State>& states);

  // Queues that have or had tasks, or that the configuration names.
  std::vector<Suggestion> queues();
  // The names of the nodes that live.
  std::vector<Suggestion> nodes();

 private:
  Client* client();
  std::vector<TaskSpec> specs(bool local);

  ConfigSource source_;
  std::optional<Config> config_;  // nothing when it cannot be loaded
  std::unique_ptr<Client> client_;
  bool asked_ = false;
};

// arguments() for a known definition.
std::vector<Suggestion> suggest_arguments(const TaskSpec& spec, const std::vector<std::string>& words,
                                          const std::string& begun);

}  // namespace flowrra
