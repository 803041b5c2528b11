#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/node_view.hpp"
#include "task/spec.hpp"
#include "task/task.hpp"

namespace flowrra {

// One thing that keeps a task from running, or what became of it.
struct Reason {
  std::string code;  // stable: not_due, retry_delay, queue_paused, no_node, queue_not_taken, task_unknown,
                     // version_unknown, plugin_refused, node_stuck, slots_busy, tasks_ahead, about_to_start, running,
                     // cancel_requested, node_lost, success, failed, cancelled, expired
  std::string message;
  std::string hint = {};
};

// All that is known of a task's chances.
struct WhyInput {
  TaskRecord record;
  std::vector<NodeView> nodes;
  std::vector<std::string> paused;  // queues
  std::optional<TaskSpec> spec;     // of the task
  std::int64_t ahead = 0;           // pending tasks of its queue that come before it where it would run
  std::optional<double> rate;       // such tasks of its queue that ended in a second lately, where there were enough
  WallTime now;
};

struct Why {
  TaskRecord record;
  std::vector<Reason> reasons;  // what must change first stands first; never empty
  std::int64_t ahead = 0;
  std::optional<WallTime> expected_at;  // when it should start; none where nobody can know
  bool estimated = false;               // … judged by how fast its queue moved lately
  // Of a task that runs, as its node told: where, and until when.
  std::string node;
  std::string host;
  std::optional<WallTime> deadline;
};

// Pure.
Why explain(const WhyInput& input);

// {id, task, state, queue, reasons [code, message, hint], ahead, expected_at, estimated, node, host, started_at,
// deadline}; what does not apply is null.
std::string why_json(const Why& why);

}  // namespace flowrra
