#include <unistd.h>

#include "app/config.hpp"
#include "plugin/find.hpp"

namespace flowrra {

Result<std::vector<std::string>> plugin_files(const Config& config) { return find_plugins(config.plugins.paths); }

std::string unwind_program(const std::string& host) {
  std::error_code ignored;
  const std::filesystem::path own_folder = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const std::filesystem::path beside_host = std::filesystem::path(host).parent_path();
  for (const std::filesystem::path& folder : {beside_host, own_folder, own_folder / "../libexec"}) {
    const std::filesystem::path candidate = (folder / "flowrra-unwind").lexically_normal();
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  return {};
}

Result<std::string> host_program(const Config& config) {
  if (!config.plugins.host.empty()) {
    if (access(config.plugins.host.c_str(), X_OK) == 0) return config.plugins.host;
    return Error{Code::not_found, "no program at " + config.plugins.host, "Correct host in [plugins]."};
  }
  std::error_code ignored;
  const std::filesystem::path own_folder = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char* place : {"flowrra-host", "../libexec/flowrra-host"}) {
    const std::filesystem::path candidate = (own_folder / place).lexically_normal();
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  return Error{Code::not_found, "no flowrra-host beside " + own_folder.string(), "Set host in [plugins] to its path."};
}

}  // namespace flowrra
