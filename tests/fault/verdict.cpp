#include "fault/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <flowrra/flowrra.hpp>
#include <iostream>

namespace flowrra::test {
namespace {

constexpr int kPrinted = 20;

// The first of a node that began one of the two: of the one before, or, as hosts of a paused node go on with what they
// hold, of the next. A node that was dead when its host began it is not known any more.
const Fault* fault_between(const std::vector<Fault>& faults, const Runs::Begin& before, const Runs::Begin& next) {
  const auto known = [&](const Fault& each) { return each.node == before.node || each.node == next.node; };
  const bool any = std::none_of(faults.begin(), faults.end(), known);
  const auto found = std::find_if(faults.begin(), faults.end(), [&](const Fault& each) {
    return (any || known(each)) && each.until >= before.at && each.from <= next.at;
  });
  return found == faults.end() ? nullptr : &*found;
}

double rounded(double value, double places) { return std::round(value * places) / places; }

}  // namespace

void Verdict::unexpected(const std::string& what) {
  if (++unexpected_ <= kPrinted) std::cout << "unexpected: " << what << std::endl;
}

void Verdict::count_recovered(const std::string& log) {
  const std::string mark = " tasks of dead nodes";
  for (auto at = log.find(mark); at != std::string::npos; at = log.find(mark, at + 1)) {
    recovered += std::stoul(log.substr(log.rfind(' ', at - 1) + 1));
  }
}

void Verdict::check_records(const Workplace& workplace, const std::set<std::string>& ids, const Trace& trace) {
  App app(Config::load(workplace / "flowrra.toml"));
  const auto lose = [this](const std::string& id, const std::string& why) {
    if (++lost <= kPrinted) std::cout << "lost: " << id << ", " << why << std::endl;
  };
  std::set<std::string> ended;
  for (const std::string& id : ids) {
    try {
      const TaskResult result = app.wait(id, kPatience);
      const bool well = result.ok() && result.attempt == 1 && result.result == "\"" + id + "\"";
      if (!well) unexpected(id + " " + std::string(to_string(result.state)) + " " + result.error_message);
      ended.insert(id);
    } catch (const FlowrraError& error) {
      lose(id, error.what());
    }
  }
  const auto runs = trace.runs();
  for (const std::string& id : ended) {
    if (runs.count(id) == 0) lose(id, "which was never run");
  }
}

void Verdict::check_runs(const std::map<std::string, Runs>& runs, const std::vector<Fault>& faults, int most) {
  std::map<std::int64_t, int> again;
  for (const auto& [id, run] : runs) {
    for (std::size_t i = 1; i < run.begins.size(); ++i) {
      const Runs::Begin& before = run.begins[i - 1];
      const Runs::Begin& next = run.begins[i];
      const Fault* fault = fault_between(faults, before, next);
      ++duplicated;
      if (fault == nullptr) {
        unexpected(id + " was run twice without a fault");
        continue;
      }
      ++again[fault->from];
      recovery_.push_back(static_cast<double>(next.at - fault->from) / 1e9);
    }
  }
  std::sort(recovery_.begin(), recovery_.end());
  for (const auto& [at, count] : again) {
    if (count > most) unexpected("a fault made " + std::to_string(count) + " tasks run twice");
  }
}

void Verdict::check_rest(const Workplace& workplace) {
  const auto status = nlohmann::json::parse(workplace.flowrra({"status", "-o", "json"}).out);
  for (const char* state : {"scheduled", "pending", "running", "retrying"}) {
    const int left = status.at("totals").at(state).get<int>();
    if (left != 0) unexpected(std::to_string(left) + " tasks are left " + state);
  }
}

double Verdict::recovery(double share) const {
  if (recovery_.empty()) return 0;
  return recovery_[static_cast<std::size_t>(std::ceil(share * static_cast<double>(recovery_.size() - 1)))];
}

nlohmann::ordered_json Verdict::json() const {
  nlohmann::ordered_json out{{"attempted", attempted},   {"acknowledged", acknowledged}, {"lost", lost},
                             {"duplicated", duplicated}, {"recovered", recovered},       {"unexpected", unexpected_}};
  if (!recovery_.empty()) {
    out["recovery_s"] = {{"p50", rounded(recovery(0.5), 1000)},
                         {"p99", rounded(recovery(0.99), 1000)},
                         {"max", rounded(recovery(1), 1000)}};
  }
  if (calm_rate > 0) {
    out["rate_held"] = rounded(rate / calm_rate, 100);
    out["rate_per_s"] = {{"without_faults", std::round(calm_rate)}, {"with_faults", std::round(rate)}};
  }
  return out;
}

}  // namespace flowrra::test
