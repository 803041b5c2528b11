// What a program must not do with the library, one misuse for each word on the command line. Prints the error.
#include <flowrra/flowrra.hpp>
#include <iostream>
#include <string_view>

namespace {

int one() { return 1; }

}  // namespace

int main(int argc, char** argv) {
  const std::string_view misuse = argc > 1 ? argv[1] : "";
  flowrra::TaskRegistry registry;
  registry.task("one", one, flowrra::Kind::cpu);
  try {
    // A host is not given the program's own arguments.
    if (misuse == "registers_by_argument") registry.task("two", one, flowrra::Kind::cpu);
    if (misuse != "no_host") flowrra::run_host_if_asked(argc, argv, registry);
    if (misuse == "asks_twice") flowrra::run_host_if_asked(argc, argv, registry);
    if (misuse == "registers_late") registry.task("two", one, flowrra::Kind::cpu);
    flowrra::Config config;
    config.set("broker.url", "memory://");
    flowrra::App app(config, registry);
    app.start();
    std::cout << app.call<int>("one") << "\n";
  } catch (const flowrra::HostError& error) {
    std::cout << "HostError: " << error.what() << "\n";
  } catch (const flowrra::ConfigError& error) {
    std::cout << "ConfigError: " << error.what() << "\n";
  }
}
