#include "store/refusals.hpp"

#include "base/log.hpp"

namespace flowrra {
namespace {

Error bad_name(const char* what, const std::string& text) {
  return {Code::invalid, std::string("the ") + what + " '" + log::escaped(text.substr(0, 140)) + "' is not a name",
          "Names are 1 to 128 letters, digits, '.', '_' and '-'."};
}

}  // namespace

Error session_over() {
  return {Code::stale, "the session is over: it was not renewed in time, or was closed",
          "The node opens a new one by itself."};
}

Error session_exists(const SessionId& id) {
  return {Code::duplicate, "session " + id + " exists already", "Open one with a new id."};
}

Error no_session(const SessionId& id) {
  return {Code::not_found, "no node has the session " + id, "It has ended: `flowrra nodes` shows those that run."};
}

Error still_open(const TaskId& id) {
  return {Code::duplicate, "task " + id + " is not finished in the store that shall keep its result",
          "The broker and the backend may be one store under two names: use the same URL for both."};
}

Status storable(std::span<const TaskRecord> records) {
  for (const TaskRecord& record : records) {
    if (!is_final(record.state))
      return Error{Code::internal, "task " + record.id + " is stored before it finished", ""};
  }
  return {};
}

Status pushable(std::span<const NewTask> tasks) {
  for (const NewTask& task : tasks) {
    if (!valid_name(task.id)) return bad_name("task id", task.id);
    if (!valid_name(task.name)) return bad_name("task name", task.name);
    if (!valid_name(task.queue)) return bad_name("queue", task.queue);
  }
  return {};
}

}  // namespace flowrra
