#pragma once

#include <string>

#include "base/result.hpp"
#include "plugin/manifest.hpp"
#include "store/directory.hpp"
#include "task/spec.hpp"
#include "task/task.hpp"

namespace flowrra {

// A task as one line of JSON: id, task, kind, queue, state, priority, attempt, crashes, submitted_at, started_at,
// finished_at, result, error {code, message, crash}, progress, node, resources {cpu_s, max_rss}, tags, due_at,
// expires_at, cancel_requested. Every key is there; what is not known is null. Times are RFC 3339 with microseconds.
// Results, progress and crash reports are the bytes that the task gave, untouched; where a damaged store gives what is
// no JSON, they are null, and the loss of a result is told as the error "corrupt".
std::string record_json(const TaskRecord& record);

// Code::corrupt when the store gave a result that is no JSON: it is damaged.
Status check_result(const TaskRecord& record);

// What went wrong, as commands print it with `-o json`: {"error":{"code":…,"message":…,"hint":…}}; hint is null when
// there is none.
std::string error_json(const Error& error);

// A task's definition: name, kind, blocking, doc, arguments (positional order), schema, options, plugin,
// plugin_version.
std::string spec_json(const TaskSpec& spec);

// A plugin: plugin, version, state (ok or refused), reason, hint, path, digest, tasks (as spec_json).
std::string plugin_json(const Manifest& manifest);

// A node: name, session, pid, alive, expires_in (seconds), running, queues, tasks, generation, plugins.
std::string node_json(const NodeStatus& node);

// A text as a JSON string. Bytes that are no UTF-8 are replaced.
std::string json_string(std::string_view text);

}  // namespace flowrra
