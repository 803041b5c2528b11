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

#include "app/plugin_set.hpp"
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

std::optional<Manifest> remembered(const json& cache, const std::string& file, const json& stamp) {
  const auto entry = cache.find(file);
  if (entry == cache.end() || !entry->is_object() || entry->value("stamp", json()) != stamp) return std::nullopt;
  auto manifest = manifest_from_json(entry->value("manifest", json()).dump());
  if (!manifest) return std::nullopt;
  return std::move(*manifest);
}

// Fills the gaps in `manifests` (one for each file) by probing, all at once.
Status probe_missing(const std::vector<std::string>& files, const PluginProbe& probe,
                     std::vector<std::optional<Manifest>>& manifests) {
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!manifests[i]) missing.push_back(files[i]);
  }
  if (missing.empty()) return {};
  auto probed = probe(missing);
  if (!probed) return probed.error();
  auto next = probed->begin();
  for (auto& manifest : manifests) {
    if (!manifest && next != probed->end()) manifest = std::move(*next++);
  }
  return {};
}

// Of files that are gone, so that what each command reads does not grow for ever.
void forget_removed(json& cache) {
  for (auto entry = cache.begin(); entry != cache.end();)
    entry = stamp_of(entry.key()) ? std::next(entry) : cache.erase(entry);
}

}  // namespace

Result<std::vector<TaskSpec>> read_manifests(const std::vector<std::string>& files, const PluginProbe& probe,
                                             const std::string& folder) {
  const std::string path = folder + "/manifests.json";
  json cache = folder.empty() ? json::object() : read_cache(path);
  std::vector<std::optional<json>> stamps;  // before the probe: a file that is replaced meanwhile is read again
  std::vector<std::optional<Manifest>> manifests;
  for (const std::string& file : files) {
    stamps.push_back(stamp_of(file));
    manifests.push_back(stamps.back() ? remembered(cache, file, *stamps.back()) : std::nullopt);
  }
  const auto known = manifests;
  if (auto done = probe_missing(files, probe, manifests); !done) return done.error();
  bool changed = false;
  std::vector<TaskSpec> out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!manifests[i]) continue;
    const Manifest& manifest = *manifests[i];
    if (!manifest.refused.empty()) {
      log::warning("plugin " + files[i] + " is left out: " + manifest.refused);
      continue;
    }
    out.insert(out.end(), manifest.tasks.begin(), manifest.tasks.end());
    if (known[i] || !stamps[i]) continue;
    cache[files[i]] = json{{"stamp", *stamps[i]}, {"manifest", json::parse(to_json(manifest), nullptr, false)}};
    changed = true;
  }
  if (changed && !folder.empty()) {
    forget_removed(cache);
    write_cache(folder, path, cache);
  }
  return out;
}

PluginProbe host_probe(const Config& config) {
  return [config](const std::vector<std::string>& files) { return read_plugins(config, files); };
}

}  // namespace flowrra
