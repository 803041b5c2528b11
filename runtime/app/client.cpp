#include "app/client.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "app/manifests.hpp"
#include "base/id.hpp"
#include "base/nearest.hpp"
#include "store/open/open.hpp"
#include "store/versions.hpp"
#include "task/submission.hpp"

namespace flowrra {
namespace {

constexpr std::size_t kShortestBeginning = 4;  // of an id that is to be completed
constexpr int kShownMatches = 4;

std::vector<std::string> names_of(const std::vector<TaskSpec>& specs) {
  std::vector<std::string> names;
  names.reserve(specs.size());
  for (const TaskSpec& spec : specs) names.push_back(spec.name);
  return names;
}

Error unknown_task(const std::string& task, const std::vector<TaskSpec>& known) {
  Error error{Code::not_found, "no task named '" + log::escaped(task) + "' is known", {}};
  const auto names = names_of(known);
  error.hint = did_you_mean(task, names);
  if (error.hint.empty() && !names.empty()) error.hint = "Known tasks: " + list_names(names) + ".";
  if (names.empty()) error.hint = "Start a node (flowrra run) or name the plugins in [plugins] paths.";
  return error;
}

// A store that did not answer may have queued it all the same.
Error of_unknown_fate(Error error, const TaskId& id) {
  if (error.code != Code::unreachable) return error;
  if (!error.hint.empty()) error.hint += error.hint.ends_with('.') ? " " : ". ";
  error.hint += "Whether the task is queued is not known: submitted again with the id " + id + " it is one task.";
  return error;
}

// Of a task, where other errors are the store's.
bool is_refusal(const Error& error) { return error.code == Code::queue_full || error.code == Code::duplicate; }

void sort_newest_first(std::vector<TaskRecord>& records) {
  std::stable_sort(records.begin(), records.end(),
                   [](const TaskRecord& a, const TaskRecord& b) { return a.submitted_at > b.submitted_at; });
}

}  // namespace

Client::Client(Config config, ClientOptions options, std::unique_ptr<Store> broker_store)
    : config_(std::move(config)), options_(std::move(options)), store_(std::move(broker_store)) {}

Result<std::unique_ptr<Client>> Client::open(Config config, ClientOptions options) {
  auto store = open_store(config.broker_options());
  if (!store) return store.error();
  return std::unique_ptr<Client>(new Client(std::move(config), std::move(options), std::move(*store)));
}

Result<Backend*> Client::backend() {
  if (config_.one_store()) return &store_->backend();
  if (!backend_store_) {
    auto store = open_store(config_.backend_options());
    if (!store) return store.error().in("backend");
    backend_store_ = std::move(*store);
  }
  return &backend_store_->backend();
}

Result<std::vector<TaskSpec>> Client::local_specs() {
  if (!options_.probe || config_.plugins.paths.empty()) return std::vector<TaskSpec>{};
  auto files = plugin_files(config_);
  if (!files) return files.error();
  auto specs = read_manifests(*files, options_.probe, options_.manifest_folder);
  if (!specs) return specs.error();
  std::ranges::stable_sort(*specs, {}, &TaskSpec::name);
  return specs;
}

Result<std::vector<TaskSpec>> Client::specs() {
  auto published = store_->directory().specs();
  if (published) std::erase_if(*published, [](const TaskSpec& spec) { return is_version(spec.name); });
  if (!published || !published->empty()) return published;
  return local_specs();
}

Result<TaskSpec> Client::spec(const std::string& task) {
  if (valid_name(task)) {
    auto published = store_->directory().spec(task);
    if (!published) return published.error();
    if (*published) return std::move(**published);
  }
  auto known = specs();
  if (!known) return known.error();
  for (TaskSpec& spec : *known) {
    if (spec.name == task) return std::move(spec);
  }
  return unknown_task(task, *known);
}

Result<std::vector<TaskSpec>> Client::versions_beside(const TaskSpec& spec) {
  auto versions = other_versions(store_->directory(), spec);
  if (!versions) return versions.error();
  std::vector<TaskSpec> out = std::move(versions->any_lives ? versions->living : versions->gone);
  for (TaskSpec& each : out) each.name = spec.name;
  return out;
}

Status complete(NewTask& task, const ArgsCheck* check) {
  if (auto fits = check_submission(task); !fits) return fits;
  auto fits = check != nullptr ? check->check(task.args) : check_json(task.args, kMaxArgsBytes, "arguments");
  if (!fits) return fits;
  if (task.id.empty()) task.id = new_ulid(system_clock());
  return {};
}

Result<TaskId> Client::submit(NewTask task, const CheckedSpec* spec) {
  const bool is_new = task.id.empty();
  if (auto fits = spec != nullptr ? complete_by(*spec, task) : complete(task, nullptr); !fits) return fits.error();
  fresh_.reset();
  const bool listens = ends_fd_ >= 0;
  if (listens) store_->backend().hear({});
  auto fates = submit_many({&task, 1});
  if (!fates) return of_unknown_fate(fates.error(), task.id);
  if (!fates->front()) return fates->front().error();
  if (listens && is_new && config_.one_store()) {
    fresh_.emplace();
    fresh_->id = task.id;
    fresh_->args = std::move(task.args);
    fresh_->options = task.options;
    fresh_->tags = std::move(task.tags);
  }
  return task.id;
}

// The first version that the arguments fit counts, and what the given one says where there is none.
Status Client::complete_by(const CheckedSpec& known, NewTask& task) {
  const auto fits = [&task](const CheckedSpec& version) {
    const Status complete = flowrra::complete(task, &version.check);
    if (complete) task.kind = version.spec.kind;
    return complete;
  };
  Status own = fits(known);
  if (own || own.error().code != Code::invalid) return own;
  auto others = versions_beside(known.spec);
  if (!others) return others.error();
  const bool other =
      std::ranges::any_of(*others, [&](TaskSpec& each) { return fits(CheckedSpec(std::move(each))).ok(); });
  return other ? Status() : own;
}

Result<std::vector<Result<PushOutcome>>> Client::submit_many(std::span<const NewTask> tasks) {
  auto outcomes = store_->broker().push(tasks, config_.executor.max_queue_size);
  if (!outcomes) return outcomes.error();
  std::vector<Result<PushOutcome>> fates;
  fates.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    fates.push_back(fate(tasks[i], (*outcomes)[i]));
    if (!fates.back() && !is_refusal(fates.back().error())) return fates.back().error();
  }
  return fates;
}

Result<PushOutcome> Client::fate(const NewTask& task, PushOutcome outcome) {
  if (outcome == PushOutcome::accepted) return outcome;
  if (outcome == PushOutcome::exists) {
    auto same = accept_existing(task);
    return same ? Result<PushOutcome>(outcome) : Result<PushOutcome>(same.error());
  }
  return Error{Code::queue_full,
               "queue '" + task.queue + "' holds max_queue_size = " + std::to_string(config_.executor.max_queue_size) +
                   " waiting tasks",
               "Wait, start more nodes, or raise max_queue_size in [executor]."};
}

Status Client::accept_existing(const NewTask& task) {
  auto known = get(task.id);
  if (!known) return known.error();
  if (!*known) return {};
  const bool other_task = without_version((*known)->name) != task.name;
  if (!other_task) {
    // Where another store kept the outcome and has forgotten it, the arguments are gone: the name must do.
    if ((*known)->args.empty() || (*known)->args == task.args) return {};
    const auto published = store_->directory().spec(task.name);
    if (!published) return published.error();
    const auto arguments = *published ? (*published)->arguments : std::vector<std::string>{};
    if (same_args((*known)->args, task.args, arguments)) return {};
  }
  return Error{Code::duplicate,
               "id '" + task.id + "' belongs to another task (" + (*known)->name +
                   (other_task ? ", " : " with other arguments, ") + std::string(name((*known)->state)) + ")",
               "Use another id, or none."};
}

// A task that waits or runs is the broker's; of one that has ended the backend knows more, and knows it first.
Result<std::optional<TaskRecord>> Client::get(const TaskId& id) {
  auto known = store_->broker().find(id);
  if (config_.one_store() || !known || (*known && !is_final((*known)->state))) return known;
  auto results = backend();
  if (!results) return results.error();
  auto kept = (*results)->get(id);
  return !kept || *kept ? std::move(kept) : std::move(known);
}

Result<TaskRecord> Client::find(const TaskId& id) {
  auto record = get(id);
  if (!record) return record.error();
  return *record ? Result<TaskRecord>(std::move(**record)) : find_beginning(id);
}

Result<TaskRecord> Client::find_beginning(const TaskId& beginning) {
  std::vector<TaskId> matches;
  if (beginning.size() >= kShortestBeginning) {
    ListQuery query;
    query.id_begin = beginning;
    query.limit = kShownMatches;
    auto found = list(query);
    if (!found) return found.error();
    for (const TaskRecord& record : *found) matches.push_back(record.id);
  }
  const std::string shown = "'" + log::escaped(beginning.substr(0, 128)) + "'";
  if (matches.size() > 1) {
    return Error{Code::usage, shown + " begins the ids of several tasks",
                 "Among them: " + list_names(matches, 3) + "."};
  }
  if (matches.size() == 1) {
    auto record = get(matches.front());
    if (!record) return record.error();
    if (*record) return std::move(**record);
  }
  if (beginning.size() < kShortestBeginning) {
    return Error{Code::not_found, "no task with the id " + shown,
                 "An id may be shortened to its first " + std::to_string(kShortestBeginning) + " characters or more."};
  }
  return Error{Code::not_found, "no task with the id " + shown,
               "See `flowrra ps --all`; finished tasks are removed after [backend] ttl."};
}

Result<std::vector<TaskRecord>> Client::list(const ListQuery& query) {
  if (config_.one_store()) return store_->broker().list(query);
  auto results = backend();
  if (!results) return results.error();
  ListQuery whole = query;
  whole.offset = 0;
  whole.limit = query.offset + query.limit;
  auto finished = (*results)->list(whole);
  if (!finished) return finished;
  auto known = store_->broker().list(whole);
  if (!known) return known;
  std::vector<std::string> ids;
  for (const TaskRecord& record : *finished) ids.push_back(record.id);
  std::sort(ids.begin(), ids.end());
  for (TaskRecord& record : *known) {
    if (!std::binary_search(ids.begin(), ids.end(), record.id)) finished->push_back(std::move(record));
  }
  sort_newest_first(*finished);
  const auto size = static_cast<int>(finished->size());
  finished->resize(static_cast<std::size_t>(std::min(size, whole.limit)));
  finished->erase(finished->begin(), finished->begin() + std::min(static_cast<int>(finished->size()), query.offset));
  return finished;
}

Result<std::vector<StateCount>> Client::counts() { return store_->broker().counts(); }

Result<std::vector<NodeStatus>> Client::nodes() { return store_->directory().nodes(); }

}  // namespace flowrra
