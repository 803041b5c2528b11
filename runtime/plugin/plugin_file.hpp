#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/fd.hpp"

namespace flowrra {

// A plugin file as hosts load it: its private copy, or the file itself where there is none.
struct PluginFile {
  PluginFile() = default;
  PluginFile(std::string file) : path(std::move(file)) {}  // NOLINT(google-explicit-constructor): loaded as it is
  PluginFile(const char* file) : path(file) {}             // NOLINT(google-explicit-constructor)

  std::string path;                      // by which people know it; absolute
  std::string copy;                      // what is loaded; empty: the file itself
  std::string digest;                    // of the copy: "sha256:…"
  std::shared_ptr<const UniqueFd> hold;  // keeps the copy where it is

  [[nodiscard]] const std::string& loaded() const { return copy.empty() ? path : copy; }
};

}  // namespace flowrra
