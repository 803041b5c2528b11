// A program that submits to Flowrra by the library, and whole files by `flowrra submit --batch`.
//
// usage: flowrra_client TASK CONFIG PROGRAM
#include <flowrra/flowrra.hpp>
#include <fstream>
#include <stdexcept>

#include "line_client.hpp"

namespace flowrra::bench {
namespace {

class Client {
 public:
  Client(std::string task, const std::string& config, const std::string& program)
      : task_(std::move(task)), app_(Config::load(config)) {
    batch_ = "'" + program + "' submit --config '" + config + "' " + task_ + " --batch tasks.jsonl";
    count_ = "'" + program + "' ps --config '" + config + "' --all --state success --limit 1000000 -o id | wc -l";
  }

  std::string answer(const std::string& what, int count) {
    if (what == "one") return seconds_of([&] { one_by_one(count); });
    if (what == "bulk") return bulk(count);
    if (what == "drain") return drain(count);
    if (what == "check") return counted(std::stoi(last_line_of(count_)));
    return milliseconds_of_each(count, [&] { there_and_back(); });
  }

 private:
  void note(const std::string& id) {
    if (first_.empty()) first_ = id;
    last_ = id;
  }
  void one_by_one(int count) {
    for (int i = 0; i < count; ++i) note(app_.submit(task_, args(kArgument)));
  }
  std::string bulk(int count) {
    std::ofstream lines("tasks.jsonl");
    for (int i = 0; i < count; ++i) lines << R"({"args":[")" << kArgument << "\"]}\n";
    lines.close();
    return seconds_of([&] { note(last_line_of(batch_)); });
  }
  // Tasks of one priority start in order, so that the last to be submitted is among the last to end.
  std::string drain(int count) {
    app_.wait(first_).require_success();
    const auto begin = Clock::now();
    app_.wait(last_).require_success();
    return drained(count, begin);
  }
  void there_and_back() {
    if (app_.wait(app_.submit(task_, args(kArgument))).value<std::string>() != kArgument) {
      throw std::runtime_error("another result");
    }
  }

  static std::string last_line_of(const std::string& command) {
    FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot start: " + command);
    std::string text;
    char piece[4096];
    while (const std::size_t size = std::fread(piece, 1, sizeof piece, pipe)) text.append(piece, size);
    if (::pclose(pipe) != 0 || text.size() < 2) throw std::runtime_error("failed: " + command);
    text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }

  std::string task_, batch_, count_, first_, last_;
  App app_;
};

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  if (argc != 4) return std::cerr << "usage: flowrra_client TASK CONFIG PROGRAM\n", 2;
  try {
    flowrra::bench::Client client(argv[1], argv[2], argv[3]);
    flowrra::bench::serve([&](const std::string& what, int count) { return client.answer(what, count); });
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
