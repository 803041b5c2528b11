#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "task/spec.hpp"

namespace flowrra {

// What a plugin offers, or why it cannot be used. Read from the plugin in a disposable process.
struct Manifest {
  std::string path;  // absolute
  std::string plugin;
  std::string version;
  std::string digest;  // of what was read: "sha256:…"; empty where no copy was made
  std::vector<TaskSpec> tasks;
  std::string refused;        // the reason why the plugin cannot be used; empty: it can
  std::string hint;           // what to do about it; may be empty
  Code code = Code::invalid;  // of the refusal; not part of the JSON
};

// One JSON object with the keys path, digest, plugin, version, tasks, or path, digest, refused, hint.
std::string to_json(const Manifest& manifest);
// Code::corrupt when the text is no manifest.
Result<Manifest> manifest_from_json(std::string_view text);

// The manifest of a plugin that cannot be used.
Manifest refusal(std::string path, const Error& error);

}  // namespace flowrra
