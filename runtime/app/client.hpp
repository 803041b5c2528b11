#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/stats.hpp"
#include "app/why.hpp"
#include "base/result.hpp"
#include "plugin/manifest.hpp"
#include "store/store.hpp"
#include "task/checked_spec.hpp"
#include "task/task.hpp"

namespace flowrra {

// Reads the manifests of plugin files, one for each, in disposable processes.
using PluginProbe = std::function<Result<std::vector<Manifest>>(const std::vector<std::string>& plugin_files)>;

// The probe that asks the configured flowrra-host.
PluginProbe host_probe(const Config& config);

struct ClientOptions {
  PluginProbe probe;            // empty: tasks that no node has published are unknown
  std::string manifest_folder;  // where accepted manifests are kept; empty: nowhere
};

// The side of the stores that submits and looks. Opens the broker's store at once and the backend's, where it is
// another, when it is needed. Belongs to one thread.
class Client {
 public:
  static Result<std::unique_ptr<Client>> open(Config config, ClientOptions options = {});

  // The definition of a task. What nodes have published counts; while no node has published anything, the plugins of
  // the configuration are probed. Code::not_found, the hint naming what is near.
  Result<TaskSpec> spec(const std::string& task);

  // The definitions of the other versions of a task that living nodes have, and of all while no node has any: arguments
  // that do not fit the one given may fit one of these.
  Result<std::vector<TaskSpec>> versions_beside(const TaskSpec& spec);

  // Queues the task and returns its id once that is durable. An empty id is made anew; kind is filled in. With a spec
  // its arguments are checked, by the other versions of the task too, without one only their form is. An id that is
  // known already is fine when it belongs to the same task with the same arguments. Errors: invalid, too_large,
  // queue_full, duplicate, busy, unreachable, …
  Result<TaskId> submit(NewTask task, const CheckedSpec* spec);

  // Queues many at once, in one transaction: for each task whether it was accepted or exists already (with the same
  // content), or why it is refused. Tasks are taken as they are: as complete() leaves them. An error says that nothing
  // is known of any of them: submitting them again with their ids is safe.
  Result<std::vector<Result<PushOutcome>>> submit_many(std::span<const NewTask> tasks);

  // Cancels what waits and asks what runs to end.
  Result<std::vector<CancelOutcome>> cancel(std::span<const TaskId> ids) { return store_->broker().cancel(ids); }

  // Gives tasks that ended without success another life. Errors: invalid (it succeeded, or has not ended), not_found.
  Status retry(const TaskRecord& record);

  // Forgets a finished task, in both stores. Errors: invalid (it has not ended), not_found.
  Status remove(const TaskRecord& record);
  // Forgets what ended longer ago than `age`; how many.
  Result<std::int64_t> remove_older(Micros age);

  Result<std::int64_t> purge(const std::string& queue) { return store_->broker().purge(queue); }
  Status set_paused(const std::string& queue, bool paused) { return store_->directory().set_paused(queue, paused); }
  Result<std::vector<std::string>> paused_queues() { return store_->directory().paused_queues(); }

  // The record with the outcome, from whichever store knows most; nothing for an unknown id.
  Result<std::optional<TaskRecord>> get(const TaskId& id);

  // get(), with Code::not_found for an id that nobody knows. The beginning of an id will do when it is that of one task
  // alone; Code::usage when it is that of several.
  Result<TaskRecord> find(const TaskId& id);

  // Waits until the task has ended; for a store that was there and does not answer for a minute at most. Errors:
  // not_found, timed_out, interrupted (`interrupt_fd` became readable), those of the store.
  Result<TaskRecord> wait(const TaskId& id, std::optional<Micros> timeout, int interrupt_fd = -1);

  // wait() that shows each record it looks at, the last one too; while the task runs, at least every `look`.
  using Watcher = std::function<void(const TaskRecord&)>;
  Result<TaskRecord> watch(const TaskId& id, std::optional<Micros> timeout, int interrupt_fd, Micros look,
                           const Watcher& watcher);

  // Newest submission first; from both stores where they differ.
  Result<std::vector<TaskRecord>> list(const ListQuery& query);
  Result<std::vector<StateCount>> counts();
  Result<std::vector<NodeStatus>> nodes();
  // What keeps a task from running. The id may be shortened, as for find().
  Result<Why> why(const TaskId& id);
  // Asks a node to load its plugins anew; the request's number. Code::not_found when it has ended.
  Result<std::int64_t> ask_reload(const SessionId& session) { return store_->directory().ask_reload(session); }
  // Waits until the node has answered. Errors: timed_out, interrupted, not_found (it has ended without an answer).
  Result<NodeStatus> await_reload(const SessionId& session, std::int64_t request, BootTime end, int interrupt_fd = -1);
  // Counts, and times of the `limit` tasks that ended last.
  Result<Stats> stats(int limit);

  // Every known definition, by name: published ones, or those of the local plugins while there are none.
  Result<std::vector<TaskSpec>> specs();

  [[nodiscard]] const Config& config() const { return config_; }

 private:
  Client(Config config, ClientOptions options, std::unique_ptr<Store> broker_store);
  Result<Backend*> backend();
  Result<std::vector<TaskSpec>> local_specs();
  Status complete_by(const CheckedSpec& known, NewTask& task);
  Status accept_existing(const NewTask& task);
  Result<PushOutcome> fate(const NewTask& task, PushOutcome outcome);
  Result<TaskRecord> find_beginning(const TaskId& beginning);

  Config config_;
  ClientOptions options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Store> backend_store_;
  int ends_fd_ = -1;                 // it has waited before, and hears ends through this since then
  std::optional<TaskRecord> fresh_;  // was submitted last, with a new id, and no end was heard since then
};

// The task as submit() takes it: its names and options within bounds, its arguments well-formed and, with a check, fit
// for the task; an empty id made anew.
Status complete(NewTask& task, const ArgsCheck* check);

}  // namespace flowrra
