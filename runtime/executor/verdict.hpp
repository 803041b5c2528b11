#pragma once

#include <optional>
#include <string>

#include "executor/crash_desk.hpp"
#include "executor/executor.hpp"
#include "executor/host_process.hpp"
#include "host/frame.hpp"

namespace flowrra {

// Why a running job is being ended by force.
struct Doom {
  AttemptEnd end = AttemptEnd::timeout;  // timeout, cancelled or released
  std::string message;
};

// The report of a call that its host finished. A task that stopped because it was told to ends as the doom says. The
// lease of a success is moved out of `lease`.
AttemptReport report_finished(Lease& lease, FinishedFrame frame, const Doom* doom);

// The report of the job that a host's death is charged to. Death by a limit of the kernel's is no crash: it ends the
// attempt as a timeout (cpu_time) or a failure (file_size) would.
AttemptReport report_crash(const Job& job, const Crash& crash);

// The report of a job that was ended by force, or handed back.
AttemptReport report_doom(const Lease& lease, const Doom& doom);

// The report of a job in flight beside the one that killed the host, or when nobody could be blamed.
AttemptReport report_innocent(const Lease& lease, const HostEnd& end, bool suspect);

// The report of a job that no host has the task of.
AttemptReport report_missing(const LeasedTask& leased);

// Why a job that gave up before the node asked had to: its host may see the deadline pass a little before the node
// does. Nothing when its deadline is not near.
std::optional<Doom> doom_at_deadline(const Job& job, Micros ran);

// "ran longer than its timeout of 2.5 s"
std::string timeout_message(Micros timeout);

}  // namespace flowrra
