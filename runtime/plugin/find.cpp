#include "plugin/find.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>

namespace flowrra {
namespace {

namespace fs = std::filesystem;

Error nothing(const std::string& path, const std::string& why) {
  return {Code::not_found, "plugin path " + path + ": " + why, "Check [plugins] paths in the configuration."};
}

std::vector<fs::path> matches(const std::string& pattern) {
  std::vector<fs::path> out;
  glob_t found{};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return out;
}

Result<std::vector<fs::path>> plugins_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    if (entry->path().extension() == ".so" && !entry->is_directory(unreadable)) out.push_back(entry->path());
  }
  if (error) return nothing(folder.string(), error.message());
  if (out.empty()) return nothing(folder.string(), "no *.so in this folder");
  std::ranges::sort(out);
  return out;
}

Result<std::vector<fs::path>> files_of(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return plugins_in(path);
  if (fs::exists(path, error)) return std::vector<fs::path>{path};
  if (path.find_first_of("*?[") == std::string::npos) return nothing(path, "no such file or folder");
  std::vector<fs::path> out = matches(path);
  std::erase_if(out, [](const fs::path& match) { return fs::is_directory(match); });
  if (out.empty()) return nothing(path, "the pattern matches no file");
  return out;
}

}  // namespace

Result<std::vector<std::string>> find_plugins(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    const auto files = files_of(path);
    if (!files) return files.error();
    for (const fs::path& file : *files) {
      std::string absolute = fs::absolute(file).lexically_normal().string();
      if (std::ranges::find(out, absolute) == out.end()) out.push_back(std::move(absolute));
    }
  }
  return out;
}

}  // namespace flowrra
