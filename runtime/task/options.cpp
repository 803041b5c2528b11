#include "task/options.hpp"

#include <nlohmann/json.hpp>

namespace flowrra {
namespace {

using nlohmann::json;

template <typename T>
void take(std::optional<T>& into, const std::optional<T>& other) {
  if (!into) into = other;
}

template <typename T>
std::optional<T> integer(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<T>();
}

std::optional<Micros> micros(const json& object, const char* key) {
  const auto count = integer<std::int64_t>(object, key);
  if (!count) return std::nullopt;
  return Micros(*count);
}

}  // namespace

std::string_view name(Backoff backoff) { return backoff == Backoff::fixed ? "fixed" : "exponential"; }

std::optional<Backoff> parse_backoff(std::string_view text) {
  if (text == "fixed") return Backoff::fixed;
  if (text == "exponential") return Backoff::exponential;
  return std::nullopt;
}

TaskOptions merged(const TaskOptions& first, const TaskOptions& second) {
  TaskOptions out = first;
  take(out.timeout, second.timeout);
  take(out.max_retries, second.max_retries);
  take(out.retry_delay, second.retry_delay);
  take(out.backoff, second.backoff);
  take(out.max_crashes, second.max_crashes);
  take(out.memory, second.memory);
  take(out.cpu_time, second.cpu_time);
  take(out.open_files, second.open_files);
  take(out.file_size, second.file_size);
  take(out.processes, second.processes);
  return out;
}

std::string to_json(const TaskOptions& options) {
  if (options == TaskOptions{}) return {};
  json out = json::object();
  if (options.timeout) out["timeout_us"] = options.timeout->count();
  if (options.max_retries) out["max_retries"] = *options.max_retries;
  if (options.retry_delay) out["retry_delay_us"] = options.retry_delay->count();
  if (options.backoff) out["backoff"] = name(*options.backoff);
  if (options.max_crashes) out["max_crashes"] = *options.max_crashes;
  if (options.memory) out["memory"] = *options.memory;
  if (options.cpu_time) out["cpu_time_us"] = options.cpu_time->count();
  if (options.open_files) out["open_files"] = *options.open_files;
  if (options.file_size) out["file_size"] = *options.file_size;
  if (options.processes) out["processes"] = *options.processes;
  return out.dump();
}

Result<TaskOptions> options_from_json(std::string_view text) {
  TaskOptions options;
  if (text.empty()) return options;
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) {
    return Error{Code::corrupt, "stored task options are not a JSON object", "Another program may have written them."};
  }
  options.timeout = micros(object, "timeout_us");
  options.max_retries = integer<int>(object, "max_retries");
  options.retry_delay = micros(object, "retry_delay_us");
  if (const auto found = object.find("backoff"); found != object.end() && found->is_string()) {
    options.backoff = parse_backoff(found->get_ref<const std::string&>());
  }
  options.max_crashes = integer<int>(object, "max_crashes");
  options.memory = integer<std::uint64_t>(object, "memory");
  options.cpu_time = micros(object, "cpu_time_us");
  options.open_files = integer<std::uint64_t>(object, "open_files");
  options.file_size = integer<std::uint64_t>(object, "file_size");
  options.processes = integer<std::uint64_t>(object, "processes");
  return options;
}

}  // namespace flowrra
