// A program that submits tasks to a node and waits for them. It runs none itself: start `flowrra run` with a plugin
// that has text.add (sample-plugins/text) on the same store.
//
//   submit_only STORE       STORE is a URL like sqlite:///tmp/shop.db
#include <flowrra/flowrra.hpp>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: submit_only STORE\n", 2;
  try {
    flowrra::Config config;
    config.set("broker.url", argv[1]);
    flowrra::App app(config);

    // All at once: the tasks run side by side.
    std::vector<std::string> ids;
    for (int i = 1; i <= 10; ++i) ids.push_back(app.submit("text.add", flowrra::args(i, i * i)));
    int sum = 0;
    for (const std::string& id : ids) sum += app.wait(id, 30s).value<int>();
    std::cout << "sum: " << sum << "\n";

    // By name, as JSON.
    const std::string id = app.submit("text.repeat", {}, {{"text", "ho"}, {"times", 3}, {"between", " "}});
    std::cout << app.wait(id, 30s).json() << "\n";

    // What does not fit the task is refused before it is queued.
    try {
      app.submit("text.add", flowrra::args("one", 2));
    } catch (const flowrra::ArgumentsError& error) {
      std::cout << "refused: " << error.message() << "\n";
    }
  } catch (const flowrra::FlowrraError& error) {
    std::cerr << error.code() << ": " << error.what() << "\n";
    return 1;
  }
}
