#include "app/config.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "app/config_keys.hpp"
#include "base/nearest.hpp"

namespace flowrra {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "flowrra.toml";

std::string lookup(const ConfigSource& source, const std::string& name) {
  const auto found = source.environment.find(name);
  return found == source.environment.end() ? std::string() : found->second;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

fs::path search_file(const ConfigSource& source) {
  if (!source.file.empty()) return source.folder / source.file;
  if (const std::string named = lookup(source, "FLOWRRA_CONFIG"); !named.empty()) return source.folder / named;
  for (fs::path folder = source.folder;; folder = folder.parent_path()) {
    std::error_code ignored;
    if (fs::exists(folder / kFileName, ignored)) return folder / kFileName;
    if (folder == folder.parent_path()) return {};
  }
}

Status apply(Config& config, const ConfigKey& key, const std::string& label, const RawValue& raw,
             const fs::path& folder) {
  auto value = check_value(key, label, raw, folder);
  if (!value) return value.error();
  key.value.set(config, *value);
  return {};
}

std::string key_of(const ConfigKey& key) { return std::string(key.section) + "." + std::string(key.name); }

// A variable that looks like a key's but is none is a slip that would otherwise pass unseen.
Status check_is_no_slip(const std::string& variable) {
  const auto sections = section_names();
  const bool looks_like_one = std::ranges::any_of(sections, [&variable](const std::string& section) {
    return variable.starts_with(std::string(kVariablePrefix) + upper(section) + "_");
  });
  if (!looks_like_one) return {};
  std::vector<std::string> known;
  for (const ConfigKey& key : config_keys()) known.push_back(variable_of(key));
  return Error{Code::config, "the environment sets " + variable + ", which is no key", did_you_mean(variable, known)};
}

Status apply_environment(Config& config, const ConfigSource& source) {
  for (auto it = source.environment.lower_bound(std::string(kVariablePrefix)); it != source.environment.end(); ++it) {
    const auto& [name, text] = *it;
    if (!name.starts_with(kVariablePrefix)) break;
    const auto key =
        std::ranges::find_if(config_keys(), [&](const ConfigKey& each) { return is_variable_of(each, name); });
    if (key == config_keys().end()) {
      if (auto fine = check_is_no_slip(name); !fine) return fine;
    } else if (!text.empty()) {
      if (auto done = apply(config, *key, name, raw_text(text), source.folder); !done) return done;
      config.origins[key_of(*key)] = {Origin::Source::environment, name};
    }
  }
  return {};
}

// Gives the keys of [backend] that nobody set their values: the broker's, or the built-in ones where the backend is
// another store, whatever they followed before.
void follow_broker(Config& config) {
  if (!config.origins.contains("backend.url")) config.backend.url = config.broker.url;
  const bool follows = config.backend_follows();
  for (const ConfigKey& key : config_keys()) {
    if (key.section != "backend" || key.shape == Shape::url || config.origins.contains(key_of(key))) continue;
    const ConfigKey* brokers = find_key("broker." + std::string(key.name));
    if (brokers == nullptr) continue;
    const auto value = follows ? brokers->value.get(config) : key.value.get(Config{});
    key.value.set(config, value.value_or(Value{}));
  }
}

std::string home_folder(const ConfigSource& source) {
  std::string home = lookup(source, "HOME");
  if (!home.empty()) return home;
  const passwd* user = getpwuid(getuid());
  return user != nullptr && user->pw_dir != nullptr ? user->pw_dir : "/";
}

StoreOptions store_options(const StoreConfig& store, Durability durability) {
  StoreOptions out;
  out.url = store.url;
  out.durability = durability;
  out.busy_timeout = store.socket_timeout;
  out.network = {.max_connections = store.max_connections,
                 .retry_on_timeout = store.retry_on_timeout,
                 .key_prefix = store.queue_key,
                 .password_file = store.password_file,
                 .ca_file = store.tls_ca_file,
                 .certificate = store.tls_certificate,
                 .private_key = store.tls_private_key,
                 .insecure = store.insecure};
  return out;
}

}  // namespace

std::vector<std::string> Config::queue_names() const {
  if (!executor.queues.empty()) return executor.queues;
  std::vector<std::string> names;
  names.reserve(queues.size() + 1);
  for (const auto& [name, weight] : queues) names.push_back(name);
  if (names.empty()) names.emplace_back("default");
  return names;
}

std::vector<int> Config::queue_weights() const {
  std::vector<int> weights;
  for (const std::string& name : queue_names()) {
    const auto found = std::ranges::find(queues, name, [](const auto& queue) { return queue.first; });
    weights.push_back(found == queues.end() ? 1 : found->second);
  }
  const bool equal = std::ranges::all_of(weights, [&](int weight) { return weight == weights.front(); });
  return equal ? std::vector<int>{} : weights;
}

TaskOptions Config::options_of(const std::string& task, const TaskOptions& declared) const {
  const auto found = tasks.find(task);
  const TaskOptions operators = found == tasks.end() ? TaskOptions{} : found->second;
  return merged(merged(operators, declared), executor.defaults);
}

bool Config::one_store() const {
  return broker.url == backend.url && (!on_network(broker.url) || broker.queue_key == backend.queue_key);
}

bool Config::backend_follows() const { return !origins.contains("backend.url") || backend.url == broker.url; }

StoreOptions Config::broker_options() const { return store_options(broker, broker.durability); }

StoreOptions Config::backend_options() const { return store_options(backend, broker.durability); }

ConfigSource ConfigSource::of_process(std::string file) {
  ConfigSource source;
  source.file = std::move(file);
  std::error_code ignored;
  source.folder = fs::current_path(ignored);
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    if (name.starts_with(kVariablePrefix) || name == "HOME" || name == "XDG_DATA_HOME") {
      source.environment.emplace(name, text.substr(equals + 1));
    }
  }
  return source;
}

fs::path data_folder(const ConfigSource& source) {
  const std::string base = lookup(source, "XDG_DATA_HOME");
  // The XDG Base Directory Specification says to ignore a relative path here.
  if (!base.empty() && base.front() == '/') return fs::path(base) / "flowrra";
  return fs::path(home_folder(source)) / ".local" / "share" / "flowrra";
}

Result<Config> load_config(const ConfigSource& source) {
  Config config;
  config.broker.url = "sqlite://" + (data_folder(source) / "flowrra.db").string();
  if (const fs::path file = search_file(source); !file.empty()) {
    if (auto done = read_config_file(config, file.lexically_normal()); !done) return done.error();
  }
  if (auto done = apply_environment(config, source); !done) return done.error();
  follow_broker(config);
  return config;
}

Status set_value(Config& config, std::string_view key, std::string_view text, Origin origin) {
  const ConfigKey* known = find_key(key);
  if (known == nullptr) {
    std::vector<std::string> keys;
    for (const ConfigKey& each : config_keys())
      keys.push_back(std::string(each.section) + "." + std::string(each.name));
    return Error{Code::config, "unknown key " + log::escaped(key), did_you_mean(std::string(key), keys)};
  }
  std::error_code ignored;
  auto done = apply(config, *known, origin.where, raw_text(text), fs::current_path(ignored));
  if (!done) return done;
  config.origins[std::string(key)] = std::move(origin);
  follow_broker(config);
  return {};
}

}  // namespace flowrra
