#include "task_view.hpp"

#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/record_json.hpp"
#include "base/log.hpp"
#include "base/nearest.hpp"
#include "base/units.hpp"
#include "exit_code.hpp"
#include "task/crash_report.hpp"

namespace flowrra::cli {
namespace {

void line(std::string& out, std::string_view key, const std::string& value) {
  out += colored(Color::gray, fmt::format("{:<10}", key)) + value + "\n";
}

// {"done":3,"total":10,"note":"pages"} as "3 of 10, pages".
std::string progress_text(const std::string& progress) {
  const auto value = nlohmann::json::parse(progress, nullptr, false);
  if (!value.is_object()) return log::escaped(progress);
  const auto part = [&](const char* key) {
    const auto found = value.find(key);
    if (found == value.end() || found->is_null()) return std::string();
    return found->is_string() ? found->get<std::string>() : found->dump();
  };
  std::string out = part("done");
  if (const std::string total = part("total"); !total.empty() && total != "0" && total != "0.0") out += " of " + total;
  if (const std::string note = part("note"); !note.empty()) out += (out.empty() ? "" : ", ") + note;
  return log::escaped(out);
}

std::string kind_text(const TaskRecord& record) {
  return record.kind ? " (" + std::string(name(*record.kind)) + ")" : std::string();
}

void times(std::string& out, const TaskRecord& record) {
  line(out, "submitted", local_time(record.submitted_at));
  if (record.due_at && is_waiting(record.state)) line(out, "due", local_time(*record.due_at));
  if (record.expires_at && is_waiting(record.state)) line(out, "expires", local_time(*record.expires_at));
  if (record.started_at) {
    line(out, "started",
         local_time(*record.started_at) + ", after " + to_text(*record.started_at - record.submitted_at));
  }
  if (!record.finished_at) return;
  std::string finished = local_time(*record.finished_at);
  if (record.started_at) finished += ", ran " + to_text(*record.finished_at - *record.started_at);
  line(out, "finished", finished);
}

void crash(std::string& out, const std::string& json) {
  const auto report = crash_report_from_json(json);
  if (!report) return;
  std::string_view key = "crash";
  for (const std::string& text : crash_lines(*report)) line(out, std::exchange(key, ""), log::escaped(text));
}

// How long a task waits, runs or has been over.
std::string age(const TaskRecord& record) {
  WallTime since = record.submitted_at;
  if (record.state == State::running && record.started_at) since = *record.started_at;
  if (record.finished_at) since = *record.finished_at;
  const Micros passed = system_clock().wall() - since;
  return passed < std::chrono::seconds(1) ? "0s" : to_text(std::chrono::floor<std::chrono::seconds>(passed));
}

// At most so many bytes, and no half of a character.
std::string shortened(std::string text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string what_happened(const TaskRecord& record) {
  std::string out = "task " + record.id + " " + std::string(name(record.state));
  if (record.error) out += ": " + record.error->message + " [" + record.error->code + "]";
  return log::escaped(out);
}

}  // namespace

Color color_of(State state) {
  switch (state) {
    case State::running:
      return Color::blue;
    case State::success:
      return Color::green;
    case State::failed:
      return Color::red;
    case State::retrying:
    case State::cancelled:
    case State::expired:
      return Color::yellow;
    default:
      return Color::none;
  }
}

std::string local_time(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  const auto unix_seconds = static_cast<time_t>(seconds);
  tm parts{};
  localtime_r(&unix_seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t length = strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return {text.data(), length};
}

std::string task_block(const TaskRecord& record) {
  std::string out;
  line(out, "id", record.id);
  line(out, "task", record.name + kind_text(record));
  line(out, "state", colored(color_of(record.state), name(record.state)));
  line(out, "queue", record.queue + (record.priority == 0 ? "" : fmt::format(", priority {}", record.priority)));
  if (record.attempt > 0) line(out, "attempt", std::to_string(record.attempt));
  if (record.crashes > 0) line(out, "crashes", std::to_string(record.crashes));
  times(out, record);
  if (!record.node.empty()) line(out, "node", log::escaped(record.node));
  if (!record.progress.empty() && !is_final(record.state)) line(out, "progress", progress_text(record.progress));
  if (record.resources && record.resources->cpu_s > 0) {
    line(out, "cpu time", to_text(from_seconds(record.resources->cpu_s).value_or(Micros(0))));
  }
  if (!record.tags.empty()) line(out, "tags", log::escaped(list_names(record.tags)));
  if (record.cancel_requested) line(out, "cancel", "asked to end");
  if (record.error) line(out, "error", log::escaped(record.error->message + " [" + record.error->code + "]"));
  if (record.error) crash(out, record.error->crash);
  if (!record.result.empty()) line(out, "result", pretty_json(record.result));
  return out;
}

std::string task_table(const std::vector<TaskRecord>& records, bool wide) {
  std::vector<std::string> titles{"ID", "TASK", "STATE", "QUEUE", "ATTEMPT", "AGE"};
  if (wide) titles.insert(titles.end(), {"PRIORITY", "CRASHES", "NODE", "SUBMITTED", "NOTE"});
  Table table(titles);
  for (const TaskRecord& record : records) {
    std::vector<Table::Cell> row{{record.id},
                                 {record.name},
                                 {std::string(name(record.state)), color_of(record.state)},
                                 {record.queue},
                                 {std::to_string(record.attempt)},
                                 {age(record)}};
    if (wide) {
      std::string note = record.error ? record.error->message : std::string();
      if (note.empty() && !record.progress.empty()) note = progress_text(record.progress);
      if (record.due_at && is_waiting(record.state)) note = "due " + local_time(*record.due_at) + " " + note;
      if (record.cancel_requested) note = "asked to end";
      for (std::string text : {std::to_string(record.priority), std::to_string(record.crashes), record.node,
                               local_time(record.submitted_at), shortened(note, 80)}) {
        row.push_back({std::move(text)});
      }
    }
    table.add(std::move(row));
  }
  return table.text();
}

Result<int> print_task(const TaskRecord& record, Format format) {
  if (auto good = check_result(record); !good) return good.error();
  int code = exit_code(record.state);
  if (format == Format::value) {
    if (record.state == State::success) print_line(record.result);
    if (!is_final(record.state)) code = kError;
  } else if (!print_item(format, record_json(record), record.id)) {
    print(task_block(record));
  }
  if (code == kOk) return code;
  std::fflush(stdout);
  const bool json = format == Format::json || format == Format::jsonl;
  const Error error{code == kTaskFailed ? Code::task_failed : Code::cancelled, what_happened(record), {}};
  const std::string text =
      json ? error_json(error) + "\n" : "flowrra: " + shortened(what_happened(record), 1000) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
  return code;
}

}  // namespace flowrra::cli
