#pragma once

#include <string>
#include <vector>

#include "app/app.hpp"
#include "app/config.hpp"

namespace flowrra {

// One thing that was looked at, and what was found.
struct Finding {
  enum class Level : std::uint8_t { ok, warning, error };
  Level level = Level::ok;
  std::string subject;  // "configuration", "broker", the path of a plugin
  std::string message;
  std::string hint;            // what to do about it; may be empty
  Code code = Code::internal;  // of an error
};

std::string_view name(Finding::Level level);

// An error as a finding.
Finding finding(std::string subject, const Error& error);

// Looks at everything that a node needs: stores, the host program, plugins and what is said about their tasks. A store
// that exists is opened; one that does not is not made.
std::vector<Finding> check_config(const Config& config);

// Why a plugin is refused, without its path.
std::string reason_of(const Manifest& manifest);

// One finding for each plugin of the set, usable ones first.
std::vector<Finding> check_plugins(const PluginSet& plugins);

// A finding as an object: level, subject, message, hint, code; what does not apply is null.
std::string finding_json(const Finding& finding);

}  // namespace flowrra
