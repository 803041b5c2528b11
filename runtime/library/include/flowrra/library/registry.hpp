#pragma once

// The functions of this program that can be run as tasks.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "flowrra/library/errors.hpp"
#include "flowrra/library/task_result.hpp"
#include "flowrra/register.hpp"

namespace flowrra::library {

// The tasks of a program. Fill it at the beginning of main(), the same way in every run of the program, then hand it to
// run_host_if_asked(): from then on it is sealed. Belongs to the main thread until then, to all threads afterwards.
//
//   flowrra::TaskRegistry registry("shop");
//   registry.task("shop.invoice", make_invoice, flowrra::Kind::cpu);
//   flowrra::run_host_if_asked(argc, argv, registry);
//
// What can be a task: a coroutine (flowrra::Co<T>, io only), a function, a lambda without captures. Its first parameter
// may be a context (flowrra/context.hpp), the others are its arguments. docs/writing-plugins.md says the rest; what
// holds for a plugin's tasks holds here.
class TaskRegistry {
 public:
  // The name and version are what listings show as the tasks' plugin.
  explicit TaskRegistry(std::string name = "program", std::string version = "0");
  TaskRegistry(const TaskRegistry&) = delete;
  TaskRegistry& operator=(const TaskRegistry&) = delete;
  ~TaskRegistry();

  // Registers a function with the number of attempts after the first and the seconds before the first of them. An
  // ordinary function as an io task runs on a pool thread. ConfigError: a bad or taken name, or a sealed registry.
  // TypeError: a coroutine as a cpu task, or a context that its kind does not have.
  template <class F>
  void task(std::string_view name, F function, Kind kind, int max_retries = 3, double retry_delay = 1.0) {
    sdk::Options options;
    options.max_retries = max_retries;
    options.retry_delay = milliseconds(name, retry_delay);
    task(name, function, kind, options);
  }

  // The same with all options, as plugins give them: {.args = {"url"}, .timeout = 30s}.
  template <class F>
  void task(std::string_view name, F function, Kind kind, const sdk::Options& options) {
    if constexpr (sdk::detail::check_function<F>()) {
      using Parts = sdk::detail::PartsOf<F>;
      using Wanted = typename Parts::ContextParameter;
      using IoGiven = std::conditional_t<Parts::kCoroutine, sdk::IoContext, sdk::BlockingContext>;
      constexpr bool cpu_fits = !Parts::kCoroutine && sdk::detail::kContextFits<Wanted, sdk::CpuContext>;
      constexpr bool io_fits = sdk::detail::kContextFits<Wanted, IoGiven>;
      static_assert(cpu_fits || io_fits, "flowrra: no kind of task has the context that this function asks for");
      if (!(kind == Kind::cpu ? cpu_fits : io_fits)) throw wrong_kind(name, kind, Parts::kCoroutine);
      add(name, [&](sdk::Plugin& plugin) {
        if constexpr (cpu_fits) {
          if (kind == Kind::cpu) return plugin.cpu(name, function, options);
        }
        if constexpr (io_fits) plugin.io(name, function, options);
      });
    }
  }

  // Called in a host before it ends in good order, when no task runs any more: close what tasks hold open.
  void on_shutdown(void (*function)());

  struct Tasks;  // not for users

 private:
  friend struct RegistryAccess;
  template <class Register>
  void add(std::string_view name, Register&& with) {
    sdk::Plugin& plugin = open_for(name);
    try {
      with(plugin);
    } catch (const std::exception& e) {
      throw ConfigError("invalid", e.what());
    }
  }
  sdk::Plugin& open_for(std::string_view name);  // ConfigError when it is sealed
  static std::chrono::milliseconds milliseconds(std::string_view name, double seconds);
  static TypeError wrong_kind(std::string_view name, Kind kind, bool coroutine);

  std::shared_ptr<Tasks> tasks_;  // shared with the executors made of it
};

}  // namespace flowrra::library
