#pragma once

// The configuration of executors and apps.

#include <charconv>
#include <chrono>
#include <concepts>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "flowrra/library/errors.hpp"

namespace flowrra::library {

// Where the stores are and how tasks run: the keys of flowrra.toml. A value type: copies are apart from each other.
// Functions that change it belong to one thread at a time. What cannot be is refused at once with ConfigError, which
// names the key.
//
//   flowrra::Config config;
//   config.set("broker.url", "sqlite:///var/lib/shop/tasks.db").set("executor.io_workers", 200);
class Config {
 public:
  // The built-in defaults. No file and no FLOWRRA_* variable is looked at. The store is that of the user,
  // $XDG_DATA_HOME/flowrra/flowrra.db.
  Config();
  Config(const Config& other);
  Config(Config&& other) noexcept;
  Config& operator=(const Config& other);
  Config& operator=(Config&& other) noexcept;
  ~Config();

  // As the command `flowrra` reads it: the defaults, then the file, then FLOWRRA_* variables. Without a path the file
  // is the one that FLOWRRA_CONFIG names, else the nearest flowrra.toml in the working folder or above it, if any.
  static Config load(const std::filesystem::path& file = {});

  // Sets "section.key" from text, as a FLOWRRA_* variable gives it: durations in seconds ("2.5"), lists with commas.
  // docs/configuration.md and flowrra.toml list the keys. Relative paths are relative to the working folder.
  Config& set(std::string_view key, std::string_view value);
  Config& set(std::string_view key, const char* value) { return set(key, std::string_view(value)); }
  Config& set(std::string_view key, const std::string& value) { return set(key, std::string_view(value)); }
  template <std::integral T>
  Config& set(std::string_view key, T value) {
    if constexpr (std::same_as<T, bool>) return set(key, std::string_view(value ? "true" : "false"));
    return set(key, std::to_string(value));
  }
  template <std::floating_point T>
  Config& set(std::string_view key, T value) {
    char text[1200];  // enough for every double in digits, with a point in every locale
    const auto end = std::to_chars(text, text + sizeof text, static_cast<double>(value), std::chars_format::fixed);
    return set(key, std::string_view(text, end.ptr));
  }
  // A duration, for the keys that are seconds.
  template <class Rep, class Period>
  Config& set(std::string_view key, std::chrono::duration<Rep, Period> value) {
    return set(key, std::chrono::duration<double>(value).count());
  }

 private:
  friend struct ConfigAccess;
  struct Values;
  std::unique_ptr<Values> values_;  // null in what was moved from: assign to it or destroy it
};

}  // namespace flowrra::library
