#include "plugin/declared.hpp"

#include <flowrra/plugin.h>

#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace flowrra {
namespace {

// The size of flowrra_task in version 1 of the ABI: no plugin has a smaller one.
constexpr std::size_t kFirstSize = offsetof(flowrra_task, memory) + sizeof(flowrra_task::memory);
constexpr std::uint32_t kMaxArguments = 256;
constexpr std::int64_t kMaxMs = std::int64_t{10} * 366 * 24 * 3600 * 1000;  // ten years

Error bad(std::string_view task, const std::string& what) {
  return {Code::invalid, "task '" + std::string(task) + "': " + what, {}};
}

Status read_kind(const flowrra_task& task, TaskSpec& spec) {
  switch (task.kind) {
    case FLOWRRA_KIND_IO:
      spec.kind = Kind::io;
      return {};
    case FLOWRRA_KIND_CPU:
      spec.kind = Kind::cpu;
      return {};
    case FLOWRRA_KIND_IO_BLOCKING:
      spec.kind = Kind::io;
      spec.blocking = true;
      return {};
    default:
      return bad(spec.name, "kind " + std::to_string(task.kind) + " is unknown to this host");
  }
}

Status read_arguments(const flowrra_task& task, TaskSpec& spec) {
  if (task.argument_count == 0) return {};
  if (task.arguments == nullptr || task.argument_count > kMaxArguments) {
    return bad(spec.name,
               std::to_string(task.argument_count) + " arguments are declared without a list of that length");
  }
  std::unordered_set<std::string> seen;
  for (std::uint32_t i = 0; i < task.argument_count; ++i) {
    const char* name = task.arguments[i];
    if (name == nullptr || *name == '\0') return bad(spec.name, "argument " + std::to_string(i) + " has no name");
    if (!seen.insert(name).second) return bad(spec.name, "argument '" + std::string(name) + "' is declared twice");
    spec.arguments.emplace_back(name);
  }
  return {};
}

Status read_schema(const flowrra_task& task, TaskSpec& spec) {
  if (task.schema == nullptr || *task.schema == '\0') return {};
  const std::string text = task.schema;
  if (!nlohmann::json::parse(text, nullptr, false).is_object())
    return bad(spec.name, "its schema is not a JSON object");
  spec.schema = text;
  return {};
}

// A number where 0 is "not said" and FLOWRRA_NONE means zero.
template <typename Number, typename Set>
Status read_number(const std::string& task, const char* field, Number value, Number limit, Set set) {
  if (value == 0) return {};
  if (value < FLOWRRA_NONE || value > limit) {
    return bad(task, std::string(field) + " is " + std::to_string(value) + ", which cannot be");
  }
  set(value == FLOWRRA_NONE ? Number{0} : value);
  return {};
}

// Whether the plugin was built with a table that has the field that ends there.
bool reaches(const flowrra_task& task, std::size_t end) { return task.struct_size >= end; }

Status read_options(const flowrra_task& task, TaskSpec& spec) {
  TaskOptions& options = spec.options;
  const auto micros = [](std::int64_t ms) { return std::chrono::duration_cast<Micros>(std::chrono::milliseconds(ms)); };
  constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
  if (task.fixed_backoff > 1) return bad(spec.name, "fixed_backoff is neither 0 nor 1");
  if (task.fixed_backoff == 1) options.backoff = Backoff::fixed;
  if (task.memory != 0) options.memory = task.memory;
  if (reaches(task, offsetof(flowrra_task, processes) + sizeof task.processes)) {
    if (task.file_size != 0) options.file_size = task.file_size;
    if (task.open_files != 0) options.open_files = task.open_files;
    if (task.processes != 0) options.processes = task.processes;
  }
  Status read = read_number(spec.name, "max_retries", task.max_retries, most, [&](int n) { options.max_retries = n; });
  if (read)
    read = read_number(spec.name, "max_crashes", task.max_crashes, most, [&](int n) { options.max_crashes = n; });
  if (read) {
    read = read_number(spec.name, "timeout_ms", task.timeout_ms, kMaxMs,
                       [&](std::int64_t ms) { options.timeout = micros(ms); });
  }
  if (read) {
    read = read_number(spec.name, "retry_delay_ms", task.retry_delay_ms, kMaxMs,
                       [&](std::int64_t ms) { options.retry_delay = micros(ms); });
  }
  if (read && reaches(task, offsetof(flowrra_task, cpu_time_ms) + sizeof task.cpu_time_ms)) {
    read = read_number(spec.name, "cpu_time_ms", task.cpu_time_ms, kMaxMs,
                       [&](std::int64_t ms) { options.cpu_time = micros(ms); });
  }
  return read;
}

}  // namespace

Result<LoadedTask> read_declared(const flowrra_task& task) {
  if (task.struct_size < kFirstSize) {
    return Error{Code::invalid,
                 "a task's struct_size is " + std::to_string(task.struct_size) + ", at least " +
                     std::to_string(kFirstSize) + " is needed",
                 "Set it to sizeof(flowrra_task)."};
  }
  LoadedTask loaded;
  TaskSpec& spec = loaded.spec;
  spec.name = task.name == nullptr ? "" : task.name;
  if (!valid_name(spec.name)) {
    return Error{Code::invalid, "'" + spec.name.substr(0, 200) + "' is not a task name",
                 "Names have 1 to 128 characters out of A-Z a-z 0-9 . _ -"};
  }
  if (task.run == nullptr) return bad(spec.name, "it has no run function");
  if (task.doc != nullptr) spec.doc = task.doc;
  Status read = read_kind(task, spec);
  if (read) read = read_arguments(task, spec);
  if (read) read = read_schema(task, spec);
  if (read) read = read_options(task, spec);
  if (!read) return read.error();
  loaded.run = task.run;
  loaded.data = task.data;
  return loaded;
}

}  // namespace flowrra
