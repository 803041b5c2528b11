#include "fault/load.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <flowrra/flowrra.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace flowrra::test {
namespace {

constexpr std::size_t kUnfinished = 400;
constexpr int kBatch = 40;
constexpr int kKilledOf = 3;                                   // of so many batches one is killed
constexpr int kUnanswered = 7;                                 // exit code
constexpr auto kPauseToRepeat = std::chrono::milliseconds(5);  // of a client that repeats; nothing is awaited

}  // namespace

Load::Load(const Workplace& workplace, Trace& trace, How how)
    : workplace_(workplace), trace_(trace), record_(workplace / "acknowledged"), how_(how) {
  submitters_.emplace_back([this](const std::stop_token& stop) { by_command(stop); });
  submitters_.emplace_back([this](const std::stop_token& stop) { by_library(stop); });
  submitters_.emplace_back([this](const std::stop_token& stop) { by_batch(stop); });
}

Load::~Load() { stop(); }

void Load::stop() {
  for (std::jthread& submitter : submitters_) submitter.request_stop();
  submitters_.clear();
}

std::set<std::string> Load::acknowledged() const {
  std::set<std::string> out;
  std::ifstream file(record_);
  for (std::string id; file >> id;) out.insert(id);
  return out;
}

void Load::stop_and_tell(Verdict& verdict) {
  stop();
  verdict.attempted += attempted_;
  for (const std::string& refusal : refusals_) verdict.unexpected(refusal);
  const auto ids = acknowledged();
  verdict.acknowledged += ids.size();
  verdict.check_records(workplace_, ids, trace_);
}

// Of each kind as much as keeps its places busy; a few last longer.
Load::Job Load::draw(Random& random) const {
  const auto ms = [&](int least, int most) {
    return std::to_string(std::min(how_.longest, std::uniform_int_distribution<int>(least, most)(random)));
  };
  const bool is_long = random() % 30 == 0;
  switch (random() % 8) {
    case 0:
      return {"traced.cpu", is_long ? ms(200, 500) : ms(5, 60)};
    case 1:
    case 2:
      return {"traced.blocking", is_long ? ms(200, 500) : ms(10, 80)};
    default:
      return {"traced.io", is_long ? ms(300, 600) : ms(20, 160)};
  }
}

bool Load::wait_for_room(const std::stop_token& stop) {
  const std::size_t attempted = attempted_;
  return attempted < kUnfinished || trace_.wait_for_finished(attempted - kUnfinished, stop);
}

void Load::acknowledge(const std::string& ids) {
  const UniqueFd file(::open(record_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (::write(file.get(), ids.data(), ids.size()) != static_cast<ssize_t>(ids.size())) {
    throw std::runtime_error("cannot write the record");
  }
}

void Load::refuse(const std::string& why) {
  const std::lock_guard lock(mutex_);
  refusals_.push_back(why);
}

// Whether a submission is to be begun again, as the store may have been away.
bool Load::repeats(bool unanswered) {
  if (!unanswered || !how_.store_fails) return false;
  ++repeated_;
  std::this_thread::sleep_for(kPauseToRepeat);
  return true;
}

void Load::by_command(const std::stop_token& stop) {
  Random random(1);
  for (int n = 0; !stop.stop_requested() && wait_for_room(stop); ++n) {
    const Job job = draw(random);
    const Command command =
        workplace_.command({"submit", job.task, trace_.path(), job.ms, "--id", "single" + std::to_string(n)});
    ++attempted_;
    Outcome outcome = run(command);
    while (repeats(outcome.code() == kUnanswered)) outcome = run(command);
    if (outcome.code() == 0) {
      acknowledge(outcome.out);
    } else {
      refuse("submit: " + std::to_string(outcome.code()) + ", " + outcome.err);
    }
  }
}

void Load::by_library(const std::stop_token& stop) {
  Random random(2);
  App app(Config::load(workplace_ / "flowrra.toml"));
  for (int n = 0; !stop.stop_requested() && wait_for_room(stop); ++n) {
    const Job job = draw(random);
    ++attempted_;
    while (submit_one(app, job, "called" + std::to_string(n))) {
    }
  }
}

// True when it is to be repeated.
bool Load::submit_one(App& app, const Job& job, const std::string& id) {
  try {
    acknowledge(app.submit(job.task, args(trace_.path(), std::stoi(job.ms)), {.id = id}) + "\n");
  } catch (const FlowrraError& error) {
    if (repeats(dynamic_cast<const StoreError*>(&error) != nullptr)) return true;
    refuse(error.what());
  }
  return false;
}

void Load::by_batch(const std::stop_token& stop) {
  Random random(3);
  for (int batch = 0; !stop.stop_requested() && wait_for_room(stop); ++batch) {
    Command command = workplace_.command({"submit", "--batch", "-", "--id", "batch" + std::to_string(batch)});
    for (int i = 0; i < kBatch; ++i) {
      const Job job = draw(random);
      command.input += nlohmann::json{{"task", job.task}, {"args", {trace_.path(), std::stoi(job.ms)}}}.dump() + "\n";
    }
    attempted_ += kBatch;
    if (batch % kKilledOf == 0 && submit_batch(command, random, true)) continue;
    while (!submit_batch(command, random, false) && how_.store_fails) {
    }
  }
}

// True when the whole batch was acknowledged.
bool Load::submit_batch(const Command& command, Random& random, bool kill) {
  Process process(command);
  if (kill) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 25));  // the moment is random: nothing is awaited
    process.signal(SIGKILL);
  }
  const Outcome outcome = process.wait();
  acknowledge(outcome.out.substr(0, outcome.out.rfind('\n') + 1));
  const bool killed = kill && outcome.code() == 128 + SIGKILL;
  if (outcome.code() != 0 && !killed && !repeats(outcome.code() == kUnanswered)) {
    refuse("batch: " + std::to_string(outcome.code()) + ", " + outcome.err);
  }
  return outcome.code() == 0;
}

}  // namespace flowrra::test
