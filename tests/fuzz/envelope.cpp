// What stands in a store beside the arguments (options, specs, logs) and on the lines of batch files: what can be read
// is written in a form that reads the same, and bounds hold. The first byte chooses the form.

#include <nlohmann/json.hpp>

#include "app/batch.hpp"
#include "app/client.hpp"
#include "fuzz/oracle.hpp"
#include "task/log_lines.hpp"
#include "task/schema.hpp"
#include "task/spec.hpp"

namespace {

using namespace flowrra;

void options(std::string_view text) {
  const auto read = options_from_json(text);
  if (!read) return;
  const std::string stored = to_json(*read);
  if (stored.empty()) return;
  const auto again = options_from_json(stored);
  fuzz::require(again.ok() && *again == *read, "options read the same again");
}

void spec(std::string_view text) {
  const auto read = spec_from_json(text);
  if (!read) return;
  const std::string stored = to_json(*read);
  const auto again = spec_from_json(stored);
  fuzz::require(again.ok() && to_json(*again) == stored, "a spec reads the same again");
  (void)check_args(read->schema, read->arguments, R"({"a":[1,"x",null],"b":{"c":-2.5}})");
}

void log_lines(std::string_view text) {
  const std::size_t half = text.size() / 2;
  const std::string whole = appended_log(text.substr(0, half), text.substr(half));
  fuzz::require(whole.size() <= kMaxLog, "a log is bounded");
  LogTail tail;
  for (const LogLine& line : parse_log(text).lines) tail.add(to_json_line(line));
  const std::string kept = tail.take();
  fuzz::require(kept.size() <= kMaxLog, "the tail of a log is bounded");
  const TaskLog once = parse_log(kept);
  LogTail again;
  for (const LogLine& line : once.lines) again.add(to_json_line(line));
  fuzz::require(parse_log(again.take()).lines == once.lines, "lines read the same again");
}

void batch_line(std::string_view text) {
  NewTask defaults;
  defaults.name = "a.task";
  auto task = read_batch_line(text, defaults);
  if (!task) return;
  const auto args = nlohmann::json::parse(task->args, nullptr, false);
  fuzz::require(args.is_object() || args.is_array(), "arguments are an object or a list");
  if (!complete(*task, nullptr)) return;
  fuzz::require(check_json(task->args, kMaxArgsBytes, "arguments").ok(), "complete arguments are within bounds");
  fuzz::require(valid_name(task->name) && valid_name(task->queue) && valid_name(task->id), "names are in the alphabet");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  switch (data[0]) {
    case 'o':
      options(text);
      break;
    case 's':
      spec(text);
      break;
    case 'l':
      log_lines(text);
      break;
    default:
      batch_line(text);
  }
  return 0;
}
