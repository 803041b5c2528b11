#include "plugin/admit.hpp"

#include <filesystem>
#include <optional>

#include "plugin/copy_folder.hpp"
#include "plugin/host_environment.hpp"
#include "plugin/trusted_file.hpp"

namespace flowrra {
namespace {

const std::string* pin_of(const AdmitRules& rules, const std::string& path) {
  auto found = rules.pins.find(path);
  if (found == rules.pins.end()) found = rules.pins.find(std::filesystem::path(path).filename().string());
  return found == rules.pins.end() ? nullptr : &found->second;
}

// Opened once: what is checked is what is copied.
Result<PluginFile> admit(const AdmitRules& rules, std::optional<CopyFolder>& folder, const std::string& path) {
  auto file = open_trusted(path);
  if (!file) {
    const Error& error = file.error();
    if (error.code == Code::not_found) return Error{error.code, path + ": no such file", error.hint};
    return Error{error.code, error.message.starts_with(path) ? error.message : path + ": " + error.message, error.hint};
  }
  if (!folder) {
    auto opened = CopyFolder::open(rules.copies);
    if (!opened) return opened.error().in(path);
    folder = *std::move(opened);
  }
  auto copy = folder->copy_of(*file);
  if (!copy) return copy.error().in(path);
  const std::string* pin = pin_of(rules, path);
  if (pin != nullptr && *pin != copy->digest) {
    return Error{Code::denied, path + ": it holds " + copy->digest + ", but is pinned to " + *pin,
                 "If the new file is the one you want, correct pin in [plugins]."};
  }
  copy->path = path;
  return copy;
}

}  // namespace

std::vector<Result<PluginFile>> admit_plugins(const AdmitRules& rules, const std::vector<std::string>& paths) {
  std::vector<Result<PluginFile>> out;
  out.reserve(paths.size());
  std::optional<CopyFolder> folder;
  for (const std::string& path : paths) {
    out.push_back(path == kThisProgram ? Result<PluginFile>(PluginFile(path)) : admit(rules, folder, path));
  }
  return out;
}

}  // namespace flowrra
