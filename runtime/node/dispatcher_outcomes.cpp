// What becomes of attempts that have ended.

#include <utility>

#include "base/log.hpp"
#include "node/dispatcher.hpp"
#include "task/crash_report.hpp"

namespace flowrra {

void Dispatcher::refuse(const Job& job, AttemptEnd end, std::optional<TaskError> error) {
  AttemptReport report;
  report.lease = job.leased.lease;
  report.end = end;
  report.error = std::move(error);
  finish(job, std::move(report));
}

void Dispatcher::on_finished(const Job& job, AttemptReport&& report) {
  const auto known = known_.find(job.leased.task.name);
  if (known != known_.end() && Misfits::is_one(*known->second.spec, job, report)) {
    misfits_.add(*known->second.spec, job, std::move(report));
  } else {
    finish(job, std::move(report));
  }
}

void Dispatcher::finish(const Job& job, AttemptReport&& report) {
  const TaskRecord& task = job.leased.task;
  const RetryRule rule = retry_rule(job.options);
  const AttemptEnd end = report.end;
  const std::optional<TaskError> error = report.error;
  Settlement settlement = after_attempt(job.leased, rule, std::move(report), random());
  if (error) {
    const TaskError& told = settlement.error ? *settlement.error : *error;  // what was handed back keeps no error
    std::string what = told.code + ": " + told.message;
    if (const auto next = what_follows(job.leased, rule, end, settlement); !next.empty()) what += "; " + next;
    tell(job, "error", what);
    if (!error->crash.empty()) log_crash(job, error->crash);
  } else if (!settlement.version.empty()) {
    tell(job, "info",
         "its arguments are not those of " + task.name + " here: left to nodes that have " + settlement.version);
  }
  Journal::LastWords last = journal_.end(task.id);
  settlement.progress = std::move(last.progress);
  settlement.log = std::move(last.log);
  outbox_.add(job.leased, std::move(settlement));
  pump_soon_.request();
}

void Dispatcher::tell(const Job& job, const std::string& level, const std::string& what) {
  const TaskRecord& task = job.leased.task;
  log::info(task.name + " " + task.id + " attempt " + std::to_string(task.attempt) + ": " + what);
  journal_.logged(job.leased.lease, {clock_.wall(), task.attempt, level, what});
}

// What a cpu task printed stands in its log already.
void Dispatcher::log_crash(const Job& job, const std::string& crash) {
  auto report = crash_report_from_json(crash);
  if (!report) return;
  if (job.leased.task.kind == Kind::cpu) report->output.clear();
  for (std::string& line : crash_lines(*report)) {
    journal_.logged(job.leased.lease, {clock_.wall(), job.leased.task.attempt, "error", std::move(line)});
  }
}

}  // namespace flowrra
