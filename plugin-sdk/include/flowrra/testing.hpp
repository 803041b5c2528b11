#pragma once

// Runs a task in a unit test, without node, store or host.
//
//   flowrra::testing::Bench bench;
//   bench.attempt = 3;
//   bench.timeout = 5s;
//   const auto outcome = bench.io(fetch, "http://localhost/");         // a function, its arguments as C++ values
//   const auto other = bench.task("media.fetch", R"(["http://…"])");   // a task of the FLOWRRA_PLUGIN linked to the
//   test REQUIRE(outcome);                                                  // it succeeded
//   REQUIRE(outcome.value<Page>().size == 12);
//
// Time is fake: sleeps, deadlines and the delays between attempts take none. Threads (blocking()) and other programs
// (run()) are real, and while the task waits for them the clock goes with real time.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "flowrra/plugin.h"
#include "flowrra/register.hpp"
#include "flowrra/testing_attempt.hpp"
#include "flowrra/testing_outcome.hpp"

namespace flowrra::inline sdk::testing {

// Attempts of tasks as its settings say; see Settings. It can be used again. An attempt that cannot end (it waits for
// something that nothing here will do) throws std::logic_error.
struct Bench : Settings {
  // So many attempts follow one that failed or took too long and may be tried again, each after its delay on the fake
  // clock: the one that the task asked for, else the task's retry_delay (1 s), doubled each time unless its backoff is
  // fixed. No jitter. The outcome is the last attempt's.
  int max_retries = 0;

  // A function as a cpu task, or as an io task: a coroutine, or an ordinary function.
  template <class F, class... Args>
  [[nodiscard]] Outcome cpu(F function, const Args&... args) const {
    Plugin plugin("test", "0", detail::Attempt::host());
    plugin.cpu("test.task", function);
    return run(plugin.tasks().front()->table, json_of<F>(args...));
  }
  template <class F, class... Args>
  [[nodiscard]] Outcome io(F function, const Args&... args) const {
    Plugin plugin("test", "0", detail::Attempt::host());
    plugin.io("test.task", function);
    return run(plugin.tasks().front()->table, json_of<F>(args...));
  }

  // A task of the plugin that is linked to this program, or of another; `args` is a JSON object or list. Throws
  // std::invalid_argument when there is no such task, std::runtime_error when the plugin does not start.
  [[nodiscard]] Outcome task(std::string_view name, std::string_view args = "[]") const {
    static const flowrra_plugin* const plugin = started(flowrra_plugin_entry());
    return run(find(*plugin, name), args);
  }
  [[nodiscard]] Outcome task(const flowrra_plugin& started_plugin, std::string_view name, std::string_view args) const {
    return run(find(started_plugin, name), args);
  }

  // One attempt, and those that follow, of what stands in a plugin's table.
  [[nodiscard]] Outcome run(const flowrra_task& task, std::string_view args) const {
    Settings now = *this;
    std::vector<Outcome> earlier;
    std::int64_t delay = task.retry_delay_ms == 0 ? 1000 : std::max<std::int64_t>(0, task.retry_delay_ms);
    std::chrono::milliseconds waited{0};
    while (true) {
      Outcome outcome = detail::Attempt(now).run(task, args);
      const std::chrono::milliseconds took = outcome.took;
      outcome.took += waited;
      const bool again = outcome.end == End::failure || outcome.end == End::timeout;
      if (!again || static_cast<int>(earlier.size()) >= max_retries) {
        outcome.earlier = std::move(earlier);
        return outcome;
      }
      waited += took + outcome.retry_after.value_or(std::chrono::milliseconds(delay));
      if (task.fixed_backoff == 0) delay *= 2;
      ++now.attempt;
      earlier.push_back(std::move(outcome));
    }
  }

  // Calls a plugin's init() with the fake host. Once for each plugin.
  static const flowrra_plugin* started(const flowrra_plugin* plugin) {
    char error[256] = "the plugin refused to start";
    if (plugin->init != nullptr && plugin->init(&detail::Attempt::host(), error, sizeof error) != 0)
      throw std::runtime_error(error);
    return plugin;
  }

 private:
  static const flowrra_task& find(const flowrra_plugin& plugin, std::string_view name) {
    std::string known;
    for (std::uint32_t i = 0; i < plugin.task_count(); ++i) {
      const flowrra_task* task = plugin.task(i);
      if (name == task->name) return *task;
      known += (known.empty() ? "" : ", ") + std::string(task->name);
    }
    throw std::invalid_argument("no task " + std::string(name) + "; the plugin has " + known);
  }

  template <class F, class... Args>
  static std::string json_of(const Args&... args) {
    std::string out;
    if constexpr (sdk::detail::kOneStruct<typename sdk::detail::PartsOf<F>::Values> && sizeof...(Args) == 1) {
      (sdk::detail::encode(out, args), ...);
    } else {
      sdk::detail::encode_tuple(out, std::tuple<std::decay_t<const Args&>...>(args...));
    }
    return out;
  }
};

}  // namespace flowrra::inline sdk::testing
