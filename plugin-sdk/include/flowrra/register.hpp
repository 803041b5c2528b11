#pragma once

// Registration: what a plugin says about itself and its tasks.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flowrra/record.hpp"

namespace flowrra::inline sdk {

// A plugin's tasks. FLOWRRA_PLUGIN makes it and hands it to its body.
//
//   plugin.cpu("text.count", count_words, {.args = {"path"}, .timeout = 30s, .doc = "Count words"});
//   plugin.io("web.fetch", fetch, {.args = {"url"}, .max_retries = 5});
//
// A task's function is a function or a lambda without captures. Its first parameter may be the context; the others are
// the arguments. A function whose only argument is a struct with FLOWRRA_FIELDS takes the struct's fields as arguments.
// The result is whatever can be written as JSON. Errors throw and end the loading of the plugin with their message.
class Plugin {
 public:
  Plugin(std::string name, std::string version, const flowrra_host& host)
      : name_(std::move(name)), version_(std::move(version)), host_(host) {}
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  // A cpu task: an ordinary function, alone in a process of its own. Context: CpuContext&.
  template <class F>
  void cpu(std::string_view name, F function, const Options& options = {}) {
    if constexpr (detail::check_function<F>()) {
      using Parts = detail::PartsOf<F>;
      static_assert(!Parts::kCoroutine,
                    "flowrra: a cpu task is an ordinary function, and this one is a coroutine: register it with "
                    "plugin.io(), or return the value itself instead of a Co");
      if constexpr (!Parts::kCoroutine) {
        if constexpr (detail::check_parts<Parts, CpuContext>())
          add<Parts, CpuContext>(FLOWRRA_KIND_CPU, name, +function, options);
      }
    }
  }

  // An io task: a coroutine (Co<T>) on the host's loop, with an IoContext&; or an ordinary function, which runs on a
  // thread of the host's pool, with a BlockingContext&.
  template <class F>
  void io(std::string_view name, F function, const Options& options = {}) {
    if constexpr (detail::check_function<F>()) {
      using Parts = detail::PartsOf<F>;
      if constexpr (Parts::kCoroutine) {
        if constexpr (detail::check_parts<Parts, IoContext>())
          add<Parts, IoContext>(FLOWRRA_KIND_IO, name, +function, options);
      } else if constexpr (detail::check_parts<Parts, BlockingContext>()) {
        add<Parts, BlockingContext>(FLOWRRA_KIND_IO_BLOCKING, name, +function, options);
      }
    }
  }

  // Called once, before a host ends in good order, when no task runs any more: close what the plugin holds open.
  void on_shutdown(void (*function)()) { shutdown_ = function; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& version() const { return version_; }
  [[nodiscard]] const std::vector<std::unique_ptr<detail::Record>>& tasks() const { return tasks_; }
  void shutdown() noexcept {
    if (shutdown_ != nullptr) std::exchange(shutdown_, nullptr)();
  }

 private:
  template <class Parts, class Given, class Function>
  void add(std::uint32_t kind, std::string_view name, Function* function, const Options& options) {
    using Values = typename Parts::Values;
    try {
      for (const auto& other : tasks_)
        if (other->name == name) throw Permanent("is registered twice");
      auto record = std::make_unique<detail::FunctionRecord<Parts, Given, Function>>(host_, function);
      record->name = name;
      record->names = detail::arguments_names<Values>(options.args);
      record->schema = detail::arguments_schema<Values>(record->names).dump();
      record->fill(kind, options);
      tasks_.push_back(std::move(record));
    } catch (const std::exception& e) {
      throw Permanent("task \"" + std::string(name) + "\": " + e.what());
    }
  }

  std::string name_;
  std::string version_;
  const flowrra_host& host_;
  std::vector<std::unique_ptr<detail::Record>> tasks_;
  void (*shutdown_)() = nullptr;
};

}  // namespace flowrra::inline sdk
