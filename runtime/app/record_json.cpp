#include "app/record_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace flowrra {
namespace {

using nlohmann::json;

// Writes one object by hand, so that JSON bytes of tasks go through untouched.
class ObjectWriter {
 public:
  ObjectWriter& raw(std::string_view key, std::string_view value) {
    text_ += text_.empty() ? "{" : ",";
    text_ += json_string(key);
    text_ += ':';
    text_ += value.empty() ? std::string_view("null") : value;
    return *this;
  }
  ObjectWriter& text(std::string_view key, std::string_view value) { return raw(key, json_string(value)); }
  ObjectWriter& text_or_null(std::string_view key, std::string_view value) {
    return value.empty() ? raw(key, {}) : text(key, value);
  }
  ObjectWriter& number(std::string_view key, std::int64_t value) { return raw(key, std::to_string(value)); }
  ObjectWriter& time(std::string_view key, const std::optional<WallTime>& value) {
    return value ? text(key, to_rfc3339(*value)) : raw(key, {});
  }
  ObjectWriter& names(std::string_view key, const std::vector<std::string>& values) {
    std::string list = "[";
    for (const std::string& value : values) {
      if (list.size() > 1) list += ',';
      list += json_string(value);
    }
    return raw(key, list + "]");
  }
  [[nodiscard]] std::string take() { return text_.empty() ? "{}" : std::move(text_) + "}"; }

 private:
  std::string text_;
};

std::string_view sound(std::string_view stored) { return json::accept(stored) ? stored : std::string_view(); }

std::string task_error(const std::optional<TaskError>& error) {
  if (!error) return {};
  return ObjectWriter()
      .text("code", error->code)
      .text("message", error->message)
      .raw("crash", sound(error->crash))
      .take();
}

std::string resources(const std::optional<Resources>& used) {
  if (!used) return {};
  ObjectWriter out;
  out.raw("cpu_s", json(std::round(used->cpu_s * 1e6) / 1e6).dump());
  return out.raw("max_rss", used->max_rss == 0 ? std::string() : std::to_string(used->max_rss)).take();
}

double seconds(Micros duration) { return static_cast<double>(duration.count()) / 1e6; }

std::string task_options(const TaskOptions& options) {
  ObjectWriter out;
  if (options.timeout) out.raw("timeout", json(seconds(*options.timeout)).dump());
  if (options.max_retries) out.number("max_retries", *options.max_retries);
  if (options.retry_delay) out.raw("retry_delay", json(seconds(*options.retry_delay)).dump());
  if (options.backoff) out.text("backoff", name(*options.backoff));
  if (options.max_crashes) out.number("max_crashes", *options.max_crashes);
  const auto count = [&out](std::string_view key, const std::optional<std::uint64_t>& value) {
    if (value) out.number(key, static_cast<std::int64_t>(*value));
  };
  count("memory", options.memory);
  if (options.cpu_time) out.raw("cpu_time", json(seconds(*options.cpu_time)).dump());
  count("open_files", options.open_files);
  count("file_size", options.file_size);
  count("processes", options.processes);
  return out.take();
}

}  // namespace

std::string json_string(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

Status check_result(const TaskRecord& record) {
  if (record.result.empty() || json::accept(record.result)) return {};
  return Error{Code::corrupt, "the stored result of " + record.id + " is damaged",
               "Look at the store with `flowrra doctor`, and submit the task anew."};
}

std::string record_json(const TaskRecord& record) {
  auto error = record.error;
  if (const Status result = check_result(record); !result) {
    error = TaskError{std::string(name(result.error().code)), result.error().message, {}};
  }
  return ObjectWriter()
      .text("id", record.id)
      .text("task", record.name)
      .text_or_null("kind", record.kind ? name(*record.kind) : std::string_view())
      .text("queue", record.queue)
      .text("state", name(record.state))
      .number("priority", record.priority)
      .number("attempt", record.attempt)
      .number("crashes", record.crashes)
      .time("submitted_at", record.submitted_at)
      .time("started_at", record.started_at)
      .time("finished_at", record.finished_at)
      .raw("result", sound(record.result))
      .raw("error", task_error(error))
      .raw("progress", sound(record.progress))
      .text_or_null("node", record.node)
      .raw("resources", resources(record.resources))
      .names("tags", record.tags)
      .time("due_at", is_waiting(record.state) ? record.due_at : std::nullopt)
      .time("expires_at", record.expires_at)
      .raw("cancel_requested", record.cancel_requested ? "true" : "false")
      .take();
}

std::string error_json(const Error& error) {
  const std::string inner = ObjectWriter()
                                .text("code", name(error.code))
                                .text("message", error.message)
                                .text_or_null("hint", error.hint)
                                .take();
  return ObjectWriter().raw("error", inner).take();
}

std::string spec_json(const TaskSpec& spec) {
  return ObjectWriter()
      .text("name", spec.name)
      .text("kind", name(spec.kind))
      .raw("blocking", spec.blocking ? "true" : "false")
      .text_or_null("doc", spec.doc)
      .names("arguments", spec.arguments)
      .raw("schema", spec.schema)
      .raw("options", task_options(spec.options))
      .text("plugin", spec.plugin)
      .text("plugin_version", spec.plugin_version)
      .take();
}

std::string plugin_json(const Manifest& manifest) {
  std::string tasks = "[";
  for (const TaskSpec& spec : manifest.tasks) tasks += (tasks.size() > 1 ? "," : "") + spec_json(spec);
  return ObjectWriter()
      .text_or_null("plugin", manifest.plugin)
      .text_or_null("version", manifest.version)
      .text("state", manifest.refused.empty() ? "ok" : "refused")
      .text_or_null("reason", manifest.refused)
      .text_or_null("hint", manifest.hint)
      .text("path", manifest.path)
      .text_or_null("digest", manifest.digest)
      .raw("tasks", tasks + "]")
      .take();
}

std::string node_plugin_json(const NodePlugin& plugin) {
  return ObjectWriter()
      .text_or_null("plugin", plugin.name)
      .text_or_null("version", plugin.version)
      .text_or_null("digest", plugin.digest)
      .text("path", plugin.path)
      .text_or_null("refused", plugin.refused)
      .take();
}

std::string node_json(const NodeStatus& node) {
  std::vector<std::string> tasks = node.session.tasks;
  std::erase_if(tasks, [](const std::string& task) { return is_version(task); });
  std::string plugins = "[";
  for (const NodePlugin& each : node.session.plugins) {
    plugins += (plugins.size() > 1 ? "," : "") + node_plugin_json(each);
  }
  return ObjectWriter()
      .text("name", node.session.node)
      .text("session", node.session.id)
      .number("pid", node.session.pid)
      .raw("alive", node.alive ? "true" : "false")
      .raw("expires_in", json(seconds(node.expires_in)).dump())
      .number("running", node.running)
      .names("queues", node.session.queues)
      .names("tasks", tasks)
      .number("generation", node.session.generation)
      .raw("plugins", plugins + "]")
      .take();
}

}  // namespace flowrra
