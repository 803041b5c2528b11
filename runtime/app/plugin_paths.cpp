#include <fmt/core.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>

#include "app/config.hpp"

namespace flowrra {
namespace {

namespace fs = std::filesystem;

bool is_glob(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

std::vector<std::string> matches(const std::string& pattern) {
  std::vector<std::string> out;
  glob_t found{};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return out;
}

// The path itself, or the *.so files of the folder that it is.
void add_files(std::vector<std::string>& out, const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    out.push_back(path);
    return;
  }
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    if (entry.path().extension() == ".so" && entry.is_regular_file(ignored)) out.push_back(entry.path().string());
  }
}

}  // namespace

Result<std::vector<std::string>> plugin_files(const Config& config) {
  std::vector<std::string> out;
  for (const std::string& path : config.plugins.paths) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) {
      add_files(out, path);
    } else if (is_glob(path)) {
      for (const std::string& match : matches(path)) add_files(out, match);
    } else {
      return Error{Code::not_found, "no plugin at " + path, "Correct paths in [plugins], or build the plugin first."};
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<std::string> host_program(const Config& config) {
  if (!config.plugins.host.empty()) {
    if (access(config.plugins.host.c_str(), X_OK) == 0) return config.plugins.host;
    return Error{Code::not_found, "no program at " + config.plugins.host, "Correct host in [plugins]."};
  }
  std::error_code ignored;
  const fs::path own_folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char* place : {"flowrra-host", "../libexec/flowrra-host"}) {
    const fs::path candidate = (own_folder / place).lexically_normal();
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  return Error{Code::not_found, "no flowrra-host beside " + own_folder.string(), "Set host in [plugins] to its path."};
}

}  // namespace flowrra
