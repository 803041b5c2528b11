#pragma once

// The C++ layer of the plugin SDK: all that a plugin needs.
//
//   #include <flowrra/plugin.hpp>
//
//   int add(int a, int b) { return a + b; }
//
//   FLOWRRA_PLUGIN("numbers", "1.0.0") { plugin.cpu("numbers.add", add, {.args = {"a", "b"}, .doc = "Add"}); }
//
// fields.hpp: structs as arguments · register.hpp: tasks and their options · context.hpp: what a running task can ask ·
// async.hpp: what a coroutine can await · errors.hpp: how a task fails.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "flowrra/async.hpp"
#include "flowrra/context.hpp"
#include "flowrra/errors.hpp"
#include "flowrra/fields.hpp"
#include "flowrra/plugin.h"
#include "flowrra/register.hpp"

namespace flowrra::inline sdk::detail {

// The plugin as the host sees it. Definition is a type of the plugin's own, so that no two plugins share this state.
template <class Definition>
struct Entry {
  static inline Plugin* plugin = nullptr;  // lives as long as the process; null until init() has succeeded

  static const flowrra_plugin* table() {
    static const flowrra_plugin table{FLOWRRA_ABI_VERSION,
                                      sizeof(flowrra_plugin),
                                      Definition::flowrra_name_,
                                      Definition::flowrra_version_,
                                      &init,
                                      &task_count,
                                      &task,
                                      &shutdown};
    return &table;
  }

  // What of flowrra_host this layer uses: an older host than the header will do, if it has that.
  static constexpr std::size_t kHostSize = offsetof(flowrra_host, fail) + sizeof(flowrra_host::fail);

  static std::int32_t init(const flowrra_host* host, char* error, std::size_t error_size) noexcept {
    try {
      if (host->struct_size < kHostSize) throw Permanent("the plugin was built for a newer host");
      if (!good_name(Definition::flowrra_name_)) throw Permanent("the plugin's name has letters that are not allowed");
      auto described = std::make_unique<Plugin>(Definition::flowrra_name_, Definition::flowrra_version_, *host);
      Definition::flowrra_describe_(*described);
      plugin = described.release();
      return 0;
    } catch (const std::exception& e) {
      write_error(e.what(), error, error_size);
    } catch (...) {
      write_error("an exception that is not a std::exception", error, error_size);
    }
    return 1;
  }

  static std::uint32_t task_count() noexcept {
    return plugin == nullptr ? 0 : static_cast<std::uint32_t>(plugin->tasks().size());
  }
  static const flowrra_task* task(std::uint32_t index) noexcept {
    return index < task_count() ? &plugin->tasks()[index]->table : nullptr;
  }
  static void shutdown() noexcept {
    if (plugin != nullptr) plugin->shutdown();
  }

 private:
  static void write_error(std::string_view message, char* error, std::size_t error_size) noexcept {
    if (error_size == 0) return;
    const std::size_t size = std::min(message.size(), error_size - 1);
    std::memcpy(error, message.data(), size);
    error[size] = '\0';
  }
};

}  // namespace flowrra::inline sdk::detail

// FLOWRRA_PLUGIN("name", "version") { plugin.cpu(…); plugin.io(…); }
// Once in a plugin, outside of any function. In the body `plugin` is a flowrra::Plugin&, and 30s and 512_MiB are at
// hand. The body also runs where only the list of tasks is wanted: it registers and does nothing else. What it throws
// becomes the reason why the plugin is not loaded.
#define FLOWRRA_PLUGIN(plugin_name, plugin_version)                            \
  namespace flowrra_plugin_body {                                              \
  using namespace ::flowrra::literals;    /* NOLINT */                         \
  using namespace ::std::chrono_literals; /* NOLINT */                         \
  namespace {                                                                  \
  struct Definition {                                                          \
    static constexpr const char* flowrra_name_ = plugin_name;                  \
    static constexpr const char* flowrra_version_ = plugin_version;            \
    static void flowrra_describe_(::flowrra::Plugin& plugin);                  \
  };                                                                           \
  }                                                                            \
  }                                                                            \
  extern "C" FLOWRRA_EXPORT const flowrra_plugin* flowrra_plugin_entry(void) { \
    return ::flowrra::detail::Entry<flowrra_plugin_body::Definition>::table(); \
  }                                                                            \
  void flowrra_plugin_body::Definition::flowrra_describe_([[maybe_unused]] ::flowrra::Plugin& plugin)
