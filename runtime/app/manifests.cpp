#include "app/manifests.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/fd.hpp"
#include "base/log.hpp"

namespace flowrra {
namespace {

using nlohmann::json;

// What tells one build of a file from another.
std::optional<json> stamp_of(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return std::nullopt;
  return json{status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
}

json read_cache(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  json cache = json::parse(text, nullptr, false);
  return cache.is_object() ? cache : json::object();
}

void write_cache(const std::string& folder, const std::string& path, const json& cache) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), ignored);
  mkdir(folder.c_str(), 0700);
  std::string draft = path + ".XXXXXX";
  const UniqueFd fd(mkostemp(draft.data(), O_CLOEXEC));
  if (!fd) return;
  const std::string text = cache.dump(-1, ' ', false, json::error_handler_t::replace);
  const bool written = write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written || rename(draft.c_str(), path.c_str()) != 0) unlink(draft.c_str());
}

std::optional<std::vector<TaskSpec>> remembered(const json& cache, const std::string& file, const json& stamp) {
  const auto entry = cache.find(file);
  if (entry == cache.end() || !entry->is_object() || entry->value("stamp", json()) != stamp) return std::nullopt;
  std::vector<TaskSpec> specs;
  for (const json& item : entry->value("specs", json::array())) {
    auto spec = spec_from_json(item.dump());
    if (!spec) return std::nullopt;
    specs.push_back(std::move(*spec));
  }
  return specs;
}

json to_entry(const json& stamp, const std::vector<TaskSpec>& specs) {
  json list = json::array();
  for (const TaskSpec& spec : specs) list.push_back(json::parse(to_json(spec)));
  return json{{"stamp", stamp}, {"specs", list}};
}

}  // namespace

std::vector<TaskSpec> read_manifests(const std::vector<std::string>& files, const PluginProbe& probe,
                                     const std::string& folder) {
  const std::string path = folder + "/manifests.json";
  json cache = folder.empty() ? json::object() : read_cache(path);
  bool changed = false;
  std::vector<TaskSpec> out;
  for (const std::string& file : files) {
    const auto stamp = stamp_of(file);
    auto specs = stamp ? remembered(cache, file, *stamp) : std::nullopt;
    if (!specs) {
      auto probed = probe(file);
      if (!probed) {
        log::warning("plugin " + file + " is left out: " + probed.error().message);
        continue;
      }
      specs = std::move(*probed);
      if (stamp) cache[file] = to_entry(*stamp, *specs);
      changed = true;
    }
    out.insert(out.end(), specs->begin(), specs->end());
  }
  if (changed && !folder.empty()) write_cache(folder, path, cache);
  return out;
}

}  // namespace flowrra
