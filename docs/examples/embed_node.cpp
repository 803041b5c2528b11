// A program that is a node for its own functions: they run as tasks, in processes that may crash without harm to it.
//
//   embed_node [STORE]      STORE is a URL like sqlite:///tmp/shop.db; without one nothing outlives the program
#include <flowrra/flowrra.hpp>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

using namespace std::chrono_literals;

struct Order {
  std::string customer;
  std::vector<double> prices;
};
FLOWRRA_FIELDS(Order, customer, prices);

// A cpu task is an ordinary function. It has a process to itself while it runs.
double total(Order order) { return std::accumulate(order.prices.begin(), order.prices.end(), 0.0); }

// An io task is a coroutine: one process runs many at once.
flowrra::Co<std::string> remind(flowrra::IoContext& ctx, std::string customer) {
  co_await ctx.sleep(100ms);
  co_return "reminded " + customer;
}

// Only the process that runs it dies; the task is reported as failed.
void crash() { std::abort(); }

int main(int argc, char** argv) {
  flowrra::TaskRegistry registry("shop");
  registry.task("shop.total", total, flowrra::Kind::cpu);
  registry.task("shop.remind", remind, flowrra::Kind::io, {.args = {"customer"}, .max_retries = 5});
  registry.task("shop.crash", crash, flowrra::Kind::cpu, /*max_retries=*/0);
  flowrra::run_host_if_asked(argc, argv, registry);  // where the program was started as a host it goes no further

  try {
    flowrra::Config config;
    config.set("broker.url", argc > 1 ? argv[1] : "memory://").set("executor.cpu_workers", 2);
    flowrra::App app(config, registry);
    app.start();

    // Submit, wait, and get the value, in one call.
    std::cout << "total: " << app.call<double>("shop.total", Order{"Ada", {2.5, 4.0}}) << "\n";

    // Or step by step. The task is safe in the store once submit() has returned.
    const std::string id = app.submit("shop.remind", flowrra::args("Ada"), {.priority = -1});
    std::cout << app.wait(id, 10s).value<std::string>() << "\n";

    const flowrra::TaskResult crashed = app.wait(app.submit("shop.crash"), 10s);
    std::cout << "crash: " << to_string(crashed.state) << ", " << crashed.error_message << "\n";

    app.stop();  // what runs may finish
  } catch (const flowrra::FlowrraError& error) {
    std::cerr << error.code() << ": " << error.what() << "\n";
    return 1;
  }
}
