#include "node/misfits.hpp"

#include <map>
#include <utility>

#include "store/versions.hpp"
#include "task/schema.hpp"

namespace flowrra {
namespace {

struct Question {
  TaskSpec spec;
  std::string args;
};

// The version that the arguments fit, rather one that a living node has; empty: none.
std::string version_for(const std::string& args, const OtherVersions& versions) {
  for (const auto* each : {&versions.living, &versions.gone}) {
    for (const TaskSpec& version : *each) {
      if (check_args(version.schema, version.arguments, args)) return version.name;
    }
  }
  return {};
}

std::vector<Result<std::string>> versions_for(Directory& directory, const std::vector<Question>& questions) {
  std::map<std::string, Result<OtherVersions>> known;
  std::vector<Result<std::string>> out;
  out.reserve(questions.size());
  for (const auto& [spec, args] : questions) {
    auto found = known.find(spec.name);
    if (found == known.end()) found = known.emplace(spec.name, other_versions(directory, spec)).first;
    const auto& versions = found->second;
    out.push_back(versions ? Result<std::string>(version_for(args, *versions)) : versions.error());
  }
  return out;
}

// The attempt that never was.
void give_back(AttemptReport& report, const std::string& version) {
  report.end = AttemptEnd::released;
  report.error.reset();
  report.version = version;
}

}  // namespace

bool Misfits::is_one(const TaskSpec& spec, const Job& job, const AttemptReport& report) {
  const bool failed = report.end == AttemptEnd::failure || report.end == AttemptEnd::permanent;
  return failed && !check_args(spec.schema, spec.arguments, job.leased.task.args);
}

void Misfits::add(const TaskSpec& spec, Job job, AttemptReport report) {
  waiting_.push_back({spec, std::move(job), std::move(report)});
  if (asked_.empty()) ask();
}

void Misfits::add_held(std::vector<TaskId>& out) const {
  for (const auto* each : {&waiting_, &asked_}) {
    for (const Misfit& misfit : *each) out.push_back(misfit.job.leased.task.id);
  }
}

void Misfits::ask() {
  asked_ = std::exchange(waiting_, {});
  std::vector<Question> questions;
  questions.reserve(asked_.size());
  for (const Misfit& each : asked_) questions.push_back({each.spec, each.job.leased.task.args});
  broker_.post([questions = std::move(questions)](Store& store) { return versions_for(store.directory(), questions); },
               [this](const std::vector<Result<std::string>>& versions) { on_answer(versions); });
}

// A store that does not answer leaves it open whose the task is: it waits, as it was.
void Misfits::on_answer(const std::vector<Result<std::string>>& versions) {
  std::vector<Misfit> answered = std::exchange(asked_, {});
  for (std::size_t i = 0; i < answered.size(); ++i) {
    if (!versions[i] || !versions[i]->empty()) give_back(answered[i].report, versions[i] ? *versions[i] : "");
    done_(answered[i].job, std::move(answered[i].report));
  }
  if (!waiting_.empty() && asked_.empty()) ask();
}

}  // namespace flowrra
