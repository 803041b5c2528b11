#pragma once

#include <boost/test/unit_test.hpp>
#include <string>

#include "flowrra/plugin.hpp"
#include "support/fake_host.hpp"

namespace flowrra::test {

// Counts the objects of its kind: none is left when all coroutines have ended.
struct Guard {
  Guard() { ++alive; }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() { --alive; }
  inline static int alive = 0;
};

// A plugin in the fake host.
struct Bench {
  FakeHost host;
  Plugin plugin{"bench", "1.0.0", host.table()};

  ~Bench() {
    BOOST_TEST(host.broken.empty());
    BOOST_TEST(host.marks().empty());
  }

  const flowrra_task& task(const std::string& name) const {
    for (const auto& record : plugin.tasks())
      if (record->name == name) return record->table;
    throw std::runtime_error("no task " + name);
  }
  // Runs the task registered last.
  flowrra_call& start(const std::string& args) { return host.start(plugin.tasks().back()->table, args); }

  // Runs a coroutine as an io task.
  template <class F>
  flowrra_call& start_io(F coroutine, const std::string& args = {}) {
    plugin.io("task" + std::to_string(plugin.tasks().size()), coroutine);
    return start(args);
  }

  // The result of a function given as a cpu task, or "permanent: message" and the like.
  template <class F>
  std::string run(F function, const std::string& args, const Options& options = {}) {
    plugin.cpu("task" + std::to_string(plugin.tasks().size()), function, options);
    return outcome(start(args));
  }

  static std::string outcome(const flowrra_call& call) {
    if (call.ended != 1) return "ended " + std::to_string(call.ended) + " times";
    if (call.succeeded) return call.json;
    static const char* const kinds[] = {"retry: ", "permanent: ", "cancelled: "};
    return kinds[call.failure] + call.message;
  }

  // The schema of a function's arguments.
  template <class F>
  std::string schema(F function, const Options& options = {}) {
    plugin.cpu("task" + std::to_string(plugin.tasks().size()), function, options);
    return plugin.tasks().back()->schema;
  }
};

}  // namespace flowrra::test
