#include "library/clients.hpp"

#include "library/raise.hpp"

namespace flowrra::library {
namespace {

constexpr std::size_t kMostIdle = 8;

// Without a flowrra-host the configuration is at fault, not the task's name.
PluginProbe probe_of(const flowrra::Config& config) {
  return [ask = host_probe(config)](const std::vector<std::string>& files) -> Result<std::vector<Manifest>> {
    auto manifests = ask(files);
    if (manifests) return manifests;
    return Error{Code::config, manifests.error().message, manifests.error().hint};
  };
}

}  // namespace

Clients::Lent Clients::lend() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      auto client = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(client)};
    }
  }
  return {*this, value_or_raise(Client::open(config_, {.probe = probe_of(config_), .manifest_folder = {}}))};
}

void Clients::give_back(std::unique_ptr<Client> client) {
  if (!client) return;
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(client));
}

}  // namespace flowrra::library
