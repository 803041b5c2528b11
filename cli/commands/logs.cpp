#include <fmt/core.h>

#include "app/record_json.hpp"
#include "base/interrupt.hpp"
#include "base/log.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "task/log_lines.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

constexpr Micros kLook = std::chrono::milliseconds(250);

struct Flags {
  bool follow = false;
  int tail = 0;
};

Color color_of_level(const std::string& level) {
  if (level == "error") return Color::red;
  if (level == "warning") return Color::yellow;
  return level == "output" ? Color::none : Color::gray;
}

std::string json_of(const LogLine& line) {
  return "{\"at\":" + json_string(to_rfc3339(line.at)) + ",\"attempt\":" + std::to_string(line.attempt) +
         ",\"level\":" + json_string(line.level) + ",\"message\":" + json_string(line.message) + "}";
}

std::string text_of(const LogLine& line) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(line.at.time_since_epoch()).count() % 1000;
  return fmt::format("{}.{:03} {} {} {}\n", local_time(line.at), millis, line.attempt,
                     colored(color_of_level(line.level), fmt::format("{:<7}", line.level)), log::escaped(line.message));
}

// Prints what of a growing log is new. A log that drops its beginning goes on counting its lines.
class Printer {
 public:
  Printer(Format format, int tail) : format_(format), tail_(tail) {}

  void show(const TaskRecord& record) {
    const TaskLog log = parse_log(record.log);
    std::uint64_t number = log.dropped;
    if (shown_ == 0 && tail_ > 0) shown_ = number + log.lines.size() - std::min<std::size_t>(tail_, log.lines.size());
    if (number > shown_) gap(number - shown_);
    for (const LogLine& line : log.lines) {
      if (number++ >= shown_) print_one(line);
    }
    shown_ = std::max(shown_, number);
    std::fflush(stdout);
  }

  void finish() {
    if (format_ == Format::json || format_ == Format::yaml) print_items(format_, items_, items_);
  }

 private:
  void gap(std::uint64_t lines) const {
    const std::string text = fmt::format("flowrra: {} older lines are not kept\n", lines);
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  void print_one(const LogLine& line) {
    if (format_ == Format::json || format_ == Format::yaml) {
      items_.push_back(json_of(line));
    } else {
      print(format_ == Format::jsonl ? json_of(line) + "\n" : text_of(line));
    }
  }

  Format format_;
  std::size_t tail_;
  std::uint64_t shown_ = 0;
  std::vector<std::string> items_;
};

Result<int> logs(const Shell& shell, const Flags& flags) {
  auto id = shell.only_word("ID");
  if (!id) return id.error();
  auto client = shell.client();
  if (!client) return client.error();
  Printer printer(*shell.format(), flags.tail);
  Result<TaskRecord> record = Error{};
  if (flags.follow) {
    const Interrupt interrupt;
    record = (*client)->watch(*id, std::nullopt, interrupt.fd(), kLook,
                              [&printer](const TaskRecord& seen) { printer.show(seen); });
  } else {
    record = (*client)->find(*id);
    if (record) printer.show(*record);
  }
  if (!record) return record.error();
  printer.finish();
  return kOk;
}

constexpr const char* kFooter =
    R"(Prints what the task logged through its context, what a cpu task wrote to stdout and stderr, and how each attempt
failed: time, attempt, level (debug, info, warning, error; output for what was written), message. The last 64 KiB of each
task are kept. Lines of a running task arrive a fraction of a second after they were written.

Examples:
  flowrra logs 01kd5t9m2xq4n8w7c3z6y1r0ab
  flowrra logs -f 01kd5t9m2xq4n8w7c3z6y1r0ab
  flowrra logs nightly-2026-01-31 --tail 20 -o jsonl
)";

}  // namespace

void add_logs(CLI::App& program, Shell& shell) {
  Command command(program, shell, "logs", "print what a task logged and wrote");
  auto flags = std::make_shared<Flags>();
  command.words("ID");
  command.footer(kFooter);
  command.flag("-f,--follow", flags->follow, "go on until the task has ended");
  command.option("--tail", flags->tail, "begin with the last N lines", "N", Command::Bounds{1, 100000});
  command.output("table, json, jsonl, yaml");
  command.run([&shell, flags] { return logs(shell, *flags); });
}

}  // namespace flowrra::cli
