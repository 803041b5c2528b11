#include "app/suggest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/manifests.hpp"
#include "app/plugin_set.hpp"
#include "base/log.hpp"
#include "store/open/open.hpp"

namespace flowrra {
namespace {

using nlohmann::json;

// Whoever types waits no longer than this for a store that others hold, or for plugins to load.
constexpr Micros kStorePatience = std::chrono::milliseconds(50);
constexpr Micros kProbePatience = std::chrono::milliseconds(500);
constexpr int kSearched = 200;
constexpr std::size_t kMostIds = 50;
constexpr int kDeepest = 8;

// The values that a schema lists, as they are typed.
std::vector<std::string> listed_values(const json& schema, int depth = 0) {
  std::vector<std::string> out;
  if (!schema.is_object() || depth > kDeepest) return out;
  if (schema.value("type", json()) == "boolean") return {"true", "false"};
  if (const auto values = schema.find("enum"); values != schema.end() && values->is_array()) {
    for (const json& value : *values) {
      if (!value.is_null()) out.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  if (const auto any = schema.find("anyOf"); any != schema.end() && any->is_array()) {
    for (const json& each : *any) {
      for (std::string& value : listed_values(each, depth + 1)) out.push_back(std::move(value));
    }
  }
  return out;
}

std::string about(const json& schema) {
  std::string out;
  for (const std::string& value : listed_values(schema)) out += (out.empty() ? "" : "|") + value;
  if (!out.empty() || !schema.is_object()) return out;
  const auto type = schema.find("type");
  if (type == schema.end()) return out;
  if (type->is_string()) return type->get<std::string>();
  for (const json& each : *type) {
    if (each.is_string()) out += (out.empty() ? "" : " or ") + each.get<std::string>();
  }
  return out;
}

std::string keyword(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals == std::string::npos ? std::string() : word.substr(0, equals);
}

}  // namespace

std::vector<Suggestion> suggest_arguments(const TaskSpec& spec, const std::vector<std::string>& words,
                                          const std::string& begun) {
  const json schema = json::parse(spec.schema, nullptr, false);
  const json properties = schema.is_object() ? schema.value("properties", json::object()) : json::object();
  std::vector<std::string> names = spec.arguments;
  for (const auto& [name, ignored] : properties.items()) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  const auto of = [&](const std::string& name) { return properties.value(name, json::object()); };
  const auto known = [&](const std::string& name) { return std::ranges::find(names, name) != names.end(); };

  std::vector<Suggestion> out;
  if (const std::string name = keyword(begun); known(name)) {
    for (const std::string& value : listed_values(of(name))) out.push_back({name + "=" + value, {}});
    return out;
  }
  std::set<std::string> given;
  std::size_t place = 0;
  for (const std::string& word : words) {
    const std::string name = keyword(word);
    if (known(name)) {
      given.insert(name);
    } else if (place < spec.arguments.size()) {
      given.insert(spec.arguments[place++]);
    }
  }
  if (place < spec.arguments.size() && !given.contains(spec.arguments[place])) {
    for (const std::string& value : listed_values(of(spec.arguments[place])))
      out.push_back({value, spec.arguments[place]});
  }
  for (const std::string& name : names) {
    if (!given.contains(name)) out.push_back({name + "=", about(of(name))});
  }
  return out;
}

Suggester::Suggester(ConfigSource source) : source_(std::move(source)) {
  log::set_level(log::Level::off);
  auto config = load_config(source_);
  if (!config) return;
  config->broker.socket_timeout = config->backend.socket_timeout = kStorePatience;
  config_ = *std::move(config);
}

Client* Suggester::client() {
  if (!config_ || asked_) return client_.get();
  asked_ = true;
  for (const StoreOptions& options : {config_->broker_options(), config_->backend_options()}) {
    const auto exists = store_exists(options);
    if (!exists || !*exists) return nullptr;
  }
  auto opened = Client::open(*config_);
  if (opened) client_ = *std::move(opened);
  return client_.get();
}

std::vector<TaskSpec> Suggester::specs(bool local) {
  if (!config_) return {};
  if (!local && client() != nullptr) {
    auto published = client()->specs();
    if (published && !published->empty()) return *std::move(published);
  }
  const auto files = plugin_files(*config_);
  if (!files) return {};
  const PluginProbe probe = [this](const std::vector<std::string>& missing) {
    return read_plugins(*config_, missing, kProbePatience);
  };
  auto found = read_manifests(*files, probe, data_folder(source_).string());
  return found ? *std::move(found) : std::vector<TaskSpec>{};
}

std::vector<Suggestion> Suggester::tasks(bool local) {
  std::vector<Suggestion> out;
  for (const TaskSpec& spec : specs(local)) out.push_back({spec.name, spec.doc});
  return out;
}

std::vector<Suggestion> Suggester::arguments(const std::string& task, const std::vector<std::string>& words,
                                             const std::string& begun, bool local) {
  const auto known = specs(local);
  const auto spec = std::ranges::find(known, task, &TaskSpec::name);
  return spec == known.end() ? std::vector<Suggestion>{} : suggest_arguments(*spec, words, begun);
}

std::vector<Suggestion> Suggester::ids(const std::string& begun, const std::vector<State>& states) {
  std::vector<Suggestion> out;
  if (client() == nullptr) return out;
  ListQuery query;
  query.states = states;
  query.limit = kSearched;
  const auto records = client()->list(query);
  if (!records) return out;
  for (const TaskRecord& record : *records) {
    if (out.size() == kMostIds) break;
    if (record.id.starts_with(begun)) out.push_back({record.id, std::string(name(record.state)) + " " + record.name});
  }
  return out;
}

std::vector<Suggestion> Suggester::nodes() {
  std::set<std::string> names;
  if (client() != nullptr) {
    const auto found = client()->nodes();
    for (const NodeStatus& each : found ? *found : std::vector<NodeStatus>{}) {
      if (each.alive) names.insert(each.session.node);
    }
  }
  std::vector<Suggestion> out;
  out.reserve(names.size());
  for (const std::string& name : names) out.push_back({name, {}});
  return out;
}

std::vector<Suggestion> Suggester::queues() {
  std::set<std::string> names;
  if (config_) {
    for (const std::string& queue : config_->queue_names()) names.insert(queue);
  }
  if (client() != nullptr) {
    if (const auto counts = client()->counts()) {
      for (const StateCount& each : *counts) names.insert(each.queue);
    }
    if (const auto paused = client()->paused_queues()) names.insert(paused->begin(), paused->end());
  }
  std::vector<Suggestion> out;
  out.reserve(names.size());
  for (const std::string& queue : names) out.push_back({queue, {}});
  return out;
}

}  // namespace flowrra
