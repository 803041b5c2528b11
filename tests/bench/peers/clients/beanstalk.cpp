// beanstalkd: worker and client.   usage: beanstalk worker|client
//
// There are no results. A worker deletes what it has done and reserves the next in one write; a task that begins with
// "port:" says there that it has started.
#include <algorithm>

#include "line_client.hpp"
#include "line_socket.hpp"

namespace flowrra::bench {
namespace {

void work() {
  LineSocket server(server_port());
  const Ear mouth;
  server.write("reserve\r\n");
  for (;;) {
    const std::string reserved = server.line();  // RESERVED <id> <bytes>
    const std::string id = reserved.substr(9, reserved.find(' ', 9) - 9);
    const std::string body = server.line();
    if (const auto colon = body.find(':'); colon != std::string::npos) {
      mouth.tell(std::atoi(body.c_str()), body.substr(colon + 1));
    }
    server.write("delete " + id + "\r\nreserve\r\n");
    if (server.line() != "DELETED") throw std::runtime_error("not deleted");
  }
}

class Client {
 public:
  std::string answer(const std::string& what, int count) {
    if (what == "one") return seconds_of([&] { put(count, 1); });
    if (what == "bulk") return seconds_of([&] { put(count, 100); });
    if (what == "check") return counted(submitted_ - waiting());
    if (what == "latency") return milliseconds_of_each(count, [&] { there_and_back(); });
    return drain(count, [&] { return submitted_ - waiting(); });
  }

 private:
  static std::string job(const std::string& body) {
    return "put 100 0 60 " + std::to_string(body.size()) + "\r\n" + body + "\r\n";
  }
  void put(int count, int at_once) {
    for (int left = count; left > 0; left -= at_once) {
      const int now = std::min(left, at_once);
      std::string text;
      for (int k = 0; k < now; ++k) text += job(kArgument);
      server_.write(text);
      for (int k = 0; k < now; ++k) expect_inserted(server_.line());
      submitted_ += now;
    }
  }
  static void expect_inserted(const std::string& line) {
    if (!line.starts_with("INSERTED")) throw std::runtime_error(line);
  }

  // Jobs that are ready or reserved.
  int waiting() {
    const std::string answer = server_.ask("stats-tube default\r\n");
    if (!answer.starts_with("OK ")) throw std::runtime_error(answer);
    int out = 0;
    for (std::string line = server_.line(); !line.empty(); line = server_.line()) {
      for (const std::string state : {"current-jobs-ready: ", "current-jobs-reserved: "}) {
        if (line.starts_with(state)) out += std::stoi(line.substr(state.size()));
      }
    }
    return out;
  }
  void there_and_back() {
    expect_inserted(server_.ask(job(std::to_string(ear_.port()) + ":" + kArgument)));
    ++submitted_;
    if (ear_.next() != kArgument) throw std::runtime_error("another argument");
  }

  LineSocket server_{server_port()};
  Ear ear_;
  int submitted_ = 0;
};

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  try {
    if (argc == 2 && std::string(argv[1]) == "worker") flowrra::bench::work();
    flowrra::bench::Client client;
    flowrra::bench::serve([&](const std::string& what, int count) { return client.answer(what, count); });
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
