#include "library/config_access.hpp"
#include "library/raise.hpp"

namespace flowrra::library {
namespace {

flowrra::Config built_in() {
  flowrra::Config config;
  config.broker.url = "sqlite://" + (data_folder(ConfigSource::of_process()) / "flowrra.db").string();
  config.backend.url = config.broker.url;
  return config;
}

}  // namespace

Config::Config() : values_(std::make_unique<Values>(Values{built_in()})) {}
Config::Config(const Config& other) : values_(std::make_unique<Values>(*other.values_)) {}
Config::Config(Config&& other) noexcept = default;
Config& Config::operator=(const Config& other) {
  if (this != &other) values_ = std::make_unique<Values>(*other.values_);
  return *this;
}
Config& Config::operator=(Config&& other) noexcept = default;
Config::~Config() = default;

Config Config::load(const std::filesystem::path& file) {
  auto loaded = load_config(ConfigSource::of_process(file.string()));
  if (!loaded) raise_as<ConfigError>(loaded.error());
  Config config;
  config.values_->inner = *std::move(loaded);
  return config;
}

Config& Config::set(std::string_view key, std::string_view value) {
  // The key stands for its own label: a program has no file and line to name.
  const Status done = set_value(values_->inner, key, value, {Origin::Source::flag, std::string(key)});
  if (!done) raise_as<ConfigError>(done.error());
  return *this;
}

}  // namespace flowrra::library
