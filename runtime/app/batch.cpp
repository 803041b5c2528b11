#include "app/batch.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "base/nearest.hpp"
#include "base/units.hpp"
#include "task/json_depth.hpp"
#include "task/schema.hpp"

namespace flowrra {
namespace {

using Json = nlohmann::ordered_json;

Error wrong(std::string_view key, const char* wants) {
  return {Code::invalid, "'" + std::string(key) + "' must be " + wants, {}};
}

Status read_text(std::string_view key, const Json& value, std::string& into) {
  if (!value.is_string()) return wrong(key, "text");
  into = value.get<std::string>();
  return {};
}

Status read_duration(std::string_view key, const Json& value, std::optional<Micros>& into) {
  into = value.is_number()   ? from_seconds(value.get<double>())
         : value.is_string() ? parse_duration(value.get_ref<const std::string&>())
                             : std::nullopt;
  return into ? Status() : wrong(key, "seconds, or text like \"250ms\", \"10s\", \"5m\"");
}

Status read_integer(std::string_view key, const Json& value, std::int64_t min, std::int64_t max, std::int64_t& into) {
  const bool fits = value.is_number_integer() && value.get<double>() >= static_cast<double>(min) &&
                    value.get<double>() <= static_cast<double>(max);
  if (!fits) {
    const std::string range = "an integer from " + std::to_string(min) + " to " + std::to_string(max);
    return wrong(key, range.c_str());
  }
  into = value.get<std::int64_t>();
  return {};
}

Status read_tags(std::string_view key, const Json& value, std::vector<std::string>& into) {
  into.clear();
  const bool texts =
      value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
  if (!texts) return wrong(key, "a list of texts");
  for (const Json& item : value) into.push_back(item.get<std::string>());
  return {};
}

Status read_at(std::string_view key, const Json& value, NewTask& task) {
  if (value.is_string()) task.at = parse_rfc3339(value.get_ref<const std::string&>());
  task.delay.reset();
  return value.is_string() && task.at ? Status() : wrong(key, "a time like \"2026-01-31T08:15:00Z\"");
}

Status read_delay(std::string_view key, const Json& value, NewTask& task) {
  task.at.reset();
  return read_duration(key, value, task.delay);
}

Status read_priority(std::string_view key, const Json& value, NewTask& task) {
  constexpr std::int64_t kMost = 2'147'483'647;
  std::int64_t number = 0;
  auto done = read_integer(key, value, -kMost, kMost, number);
  task.priority = static_cast<int>(number);
  return done;
}

Status read_retries(std::string_view key, const Json& value, NewTask& task) {
  std::int64_t number = 0;
  auto done = read_integer(key, value, 0, 1000, number);
  task.options.max_retries = static_cast<int>(number);
  return done;
}

Status read_backoff(std::string_view key, const Json& value, NewTask& task) {
  if (value.is_string()) task.options.backoff = parse_backoff(value.get_ref<const std::string&>());
  return value.is_string() && task.options.backoff ? Status() : wrong(key, R"("exponential" or "fixed")");
}

Status read_args(std::string_view key, const Json& value, NewTask& task) {
  if (!value.is_object() && !value.is_array()) return wrong(key, "an object by argument name, or a list by position");
  if (deeper_than(kMaxDepth, value)) {
    return Error{
        Code::too_large, "'" + std::string(key) + "' nested deeper than " + std::to_string(kMaxDepth) + " levels", {}};
  }
  task.args = value.dump();
  return {};
}

using Read = Status (*)(std::string_view key, const Json& value, NewTask& task);
struct Key {
  std::string_view name;
  Read read;
};
constexpr std::array kKeys{
    Key{"task", [](auto key, const Json& value, NewTask& task) { return read_text(key, value, task.name); }},
    Key{"args", read_args},
    Key{"id", [](auto key, const Json& value, NewTask& task) { return read_text(key, value, task.id); }},
    Key{"queue", [](auto key, const Json& value, NewTask& task) { return read_text(key, value, task.queue); }},
    Key{"priority", read_priority},
    Key{"delay", read_delay},
    Key{"at", read_at},
    Key{"expires", [](auto key, const Json& value, NewTask& task) { return read_duration(key, value, task.expires); }},
    Key{"timeout",
        [](auto key, const Json& value, NewTask& task) { return read_duration(key, value, task.options.timeout); }},
    Key{"max_retries", read_retries},
    Key{"retry_delay",
        [](auto key, const Json& value, NewTask& task) { return read_duration(key, value, task.options.retry_delay); }},
    Key{"backoff", read_backoff},
    Key{"tags", [](auto key, const Json& value, NewTask& task) { return read_tags(key, value, task.tags); }},
};

Error unknown_key(const std::string& key) {
  std::vector<std::string> names;
  for (const Key& known : kKeys) names.emplace_back(known.name);
  std::string hint = did_you_mean(key, names);
  if (hint.empty()) hint = "The keys are " + list_names(names, names.size()) + ".";
  return {Code::invalid, "unknown key '" + log::escaped(key.substr(0, 60)) + "'", hint};
}

}  // namespace

Result<NewTask> read_batch_line(std::string_view line, const NewTask& defaults) {
  const Json object = Json::parse(line, nullptr, false);
  if (object.is_discarded()) return Error{Code::invalid, "not well-formed JSON", "Write one JSON object a line."};
  if (!object.is_object())
    return Error{Code::invalid, "not an object", R"(Write {"task": …, "args": …} on each line.)"};
  NewTask task = defaults;
  task.args = "{}";
  for (const auto& [name, value] : object.items()) {
    const std::string& key = name;
    const auto* const known = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return k.name == key; });
    if (known == kKeys.end()) return unknown_key(key);
    if (auto read = known->read(key, value, task); !read) return read.error();
  }
  if (object.contains("delay") && object.contains("at")) {
    return Error{Code::invalid, "'delay' and 'at' exclude each other", {}};
  }
  if (task.name.empty()) {
    return Error{Code::invalid, "no task is named", "Write the key \"task\", or name the task on the command line."};
  }
  return task;
}

}  // namespace flowrra
